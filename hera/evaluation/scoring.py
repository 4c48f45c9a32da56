"""From questions to predictions: chunk after chunk, so that a screen can show them as they come.

Labels are scored by their log-likelihood after the prompt; or the model answers freely, and the
first decision in what it writes counts. An abstract over a model's window loses its beginning, for
all variants that are asked together, and is marked as cut.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np
from pydantic import Field

from hera.data import Question
from hera.data.pubmedqa import LABELS
from hera.errors import ConfigError, DataError, ModelError
from hera.evaluation.decisions import decision_in
from hera.evaluation.fitting import end_in_window
from hera.evaluation.records import Item
from hera.prompts import LABEL_TEXTS, PUBMEDQA_PROMPTS, abstract_of
from hera.types import Engine, GenerationParams, Prompt

PROMPTS = tuple(PUBMEDQA_PROMPTS)
_CHUNK = 16  # questions between two updates: a second or two of work on 2 CPU cores

LABEL_ROOM = 8
"""Tokens of a label, in any tokenizer."""
LONGEST_ANSWER = 64  # tokens that a free answer may have


class Scored(Item):
    """One question with every variant's answer. `logprobs` are natural-log likelihoods of the
    labels; for free answers there are `texts` instead, and `pred` may be "none". `cut`: its
    abstract was over the window."""

    gold: str
    pred: dict[str, str]
    logprobs: dict[str, dict[str, float]] = Field(default_factory=dict)
    texts: dict[str, str] = Field(default_factory=dict)
    cut: bool = False


def prompt_for(question: Question, prompt: str, *, free: bool = False) -> Prompt:
    """The prompt of a question in the chosen style; a free answer's stands not open at a label.

    Raises:
        ConfigError: there is no such style among `PROMPTS`.
    """
    if prompt not in PUBMEDQA_PROMPTS:
        raise ConfigError(f"--prompt {prompt}: choose {', '.join(PROMPTS[:-1])} or {PROMPTS[-1]}.")
    asked = PUBMEDQA_PROMPTS[prompt](question)
    return asked[:1] if free and not isinstance(asked, str) else asked


def in_chunks(questions: Sequence[Question], size: int = _CHUNK) -> list[list[Question]]:
    """Questions of similar length together, always the same ones.

    Raises:
        DataError: no questions.
    """
    if not questions:
        raise DataError("There are no questions to score: ask for at least one.")
    ordered = sorted(questions, key=lambda q: (len(abstract_of(q)), q.id))
    return [ordered[start : start + size] for start in range(0, len(ordered), size)]


def fitted(
    engine: Engine,
    questions: Sequence[Question],
    variants: Sequence[str],
    prompt: str = "hera",
    *,
    answer: int = 0,
) -> list[Question]:
    """The questions as they can be asked: an abstract over a variant's window without its
    beginning.

    Args:
        engine: what is asked.
        questions: one that fits comes back as the same object.
        variants: whose windows count.
        prompt: see `prompt_for`.
        answer: tokens that a free answer may have; 0 where labels are scored.

    Raises:
        DataError: a question that does not fit even without its abstract.
        ConfigError: see `prompt_for`.
    """
    room, free = answer or LABEL_ROOM, answer > 0
    around = prompt_for(Question("", "?", (".",), "", "yes"), prompt, free=free)
    left = -engine.excess(around, room, variants)
    made = []
    for question in questions:
        abstract = abstract_of(question)
        # No tokenizer makes more tokens than bytes: only what may be too long is tokenized here.
        if len(f"{question.question}{abstract}".encode()) > left:

            def ask(text: str, question: Question = question) -> Prompt:
                return prompt_for(replace(question, contexts=(text,)), prompt, free=free)

            end = end_in_window(engine, abstract, ask, room, variants)
            if end is None:
                raise DataError(f"Question {question.id} is over the model's window by itself.")
            if end != abstract:
                question = replace(question, contexts=(end,))
        made.append(question)
    return made


def cut_ids(scored: Sequence[Scored]) -> list[str]:
    """The ids of the questions whose abstract was cut."""
    return [s.id for s in scored if s.cut]


def score_chunk(
    engine: Engine, chunk: Sequence[Question], variants: Sequence[str], prompt: str = "hera"
) -> list[Scored]:
    """Every variant's label log-likelihoods for some questions.

    Raises:
        ConfigError, DataError, InputError: see `fitted` and `Engine.label_logprobs`.
        ModelError: see `check_finite`.
    """
    asked = fitted(engine, chunk, variants, prompt)
    texts = [prompt_for(question, prompt) for question in asked]
    scores = engine.label_logprobs(texts, LABEL_TEXTS, variants)
    check_finite(scores, variants, [f"question {question.id}" for question in chunk])
    return [
        _marked(_scored(q, variants, scores[:, i]), cut=asked[i] is not q)
        for i, q in enumerate(chunk)
    ]


def check_finite(scores: np.ndarray, variants: Sequence[str], asked: Sequence[str]) -> None:
    """Raises ModelError, with the variant and the question, if a log-likelihood is no number.

    Args:
        scores: float [variants, questions, labels].
        variants: their names.
        asked: what each question is called: "question 7".
    """
    bad = np.argwhere(~np.isfinite(scores))
    if len(bad):
        variant, question = variants[bad[0][0]], asked[bad[0][1]]
        raise ModelError(
            f"{variant} gave a log-likelihood that is no number for {question} ({len(bad)} of "
            f"these {scores.size}): its weights overflow. Leave it out, or compute in another "
            "--dtype."
        )


def answer_chunk(
    engine: Engine,
    chunk: Sequence[Question],
    variants: Sequence[str],
    prompt: str = "hera",
    longest: int = LONGEST_ANSWER,
) -> list[Scored]:
    """Every variant's own words about some questions, greedily, at most `longest` tokens, and what
    they decide.

    Raises:
        ConfigError, DataError, InputError: see `fitted` and `Engine.stream`.
    """
    params = GenerationParams(max_new_tokens=longest, temperature=0.0)
    answered = []
    for question, asked in zip(
        chunk, fitted(engine, chunk, variants, prompt, answer=longest), strict=True
    ):
        request = prompt_for(asked, prompt, free=True)
        texts = dict(engine.answer(dict.fromkeys(variants, request), params).texts)
        pred = {name: decision_in(text) for name, text in texts.items()}
        scored = Scored(id=question.id, gold=question.decision, pred=pred, texts=texts)
        answered.append(_marked(scored, cut=asked is not question))
    return answered


def score_questions(
    engine: Engine, questions: Sequence[Question], variants: Sequence[str], prompt: str = "hera"
) -> Iterator[list[Scored]]:
    """`score_chunk` over all questions; closing the iterator stops after this chunk.

    Raises:
        DataError, ConfigError, InputError, ModelError: see `in_chunks` and `score_chunk`.
    """
    for chunk in in_chunks(questions):
        yield score_chunk(engine, chunk, variants, prompt)


def _marked(scored: Scored, *, cut: bool) -> Scored:
    """It with the mark of a question that was cut; of the others nothing is kept."""
    return scored.model_copy(update={"cut": True}) if cut else scored


def _scored(question: Question, variants: Sequence[str], scores: np.ndarray) -> Scored:
    """One question from its log-likelihoods, float32 [variants, labels]."""
    rows = dict(zip(variants, scores, strict=True))
    return Scored(
        id=question.id,
        gold=question.decision,
        pred={name: LABELS[int(row.argmax())] for name, row in rows.items()},
        logprobs={
            name: dict(zip(LABELS, map(float, row), strict=True)) for name, row in rows.items()
        },
    )


def probabilities(logprobs: dict[str, float]) -> dict[str, float]:
    """The labels' probabilities relative to each other: softmax over their log-likelihoods."""
    highest = max(logprobs.values())
    weights = {label: math.exp(x - highest) for label, x in logprobs.items()}
    return {label: weight / sum(weights.values()) for label, weight in weights.items()}
