"""From questions to predictions: chunk after chunk, so that a screen can show them as they come.

Labels are scored by their log-likelihood after the prompt; or the model answers freely, and the
first decision in what it writes counts.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from hera import stats
from hera.data import Question
from hera.decisions import decision_in
from hera.engine import Engine, GenerationParams, Prompt
from hera.errors import ConfigError, DataError
from hera.prompts import LABEL_TEXTS, LABELS, abstract_of, decide_messages, lm_eval_prompt

PROMPTS = ("hera", "lm-eval")
_CHUNK = 16  # questions between two updates: a second or two of work on 2 CPU cores


@dataclass(frozen=True)
class Scored:
    """One question with every variant's answer. `logprobs` are natural-log likelihoods of the
    labels; for free answers there are `texts` instead, and `pred` may be "none"."""

    id: str
    gold: str
    pred: dict[str, str]
    logprobs: dict[str, dict[str, float]] = field(default_factory=dict)
    texts: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Paired:
    """Two variants on the same questions: how many only one of them got right, McNemar's exact p,
    and the difference of their accuracies, b's minus a's, with its bootstrap interval."""

    a: str
    b: str
    only_a: int
    only_b: int
    p: float
    difference: float
    difference_ci95: tuple[float, float]


def prompt_for(question: Question, prompt: str, *, free: bool = False) -> Prompt:
    """The prompt of a question in the chosen style; a free answer's stands not open at a label.

    Raises:
        ConfigError: the style is neither "hera" nor "lm-eval".
    """
    if prompt == "hera":
        messages = decide_messages(question)
        return messages[:1] if free else messages
    if prompt == "lm-eval":
        return lm_eval_prompt(question)
    raise ConfigError(f"--prompt {prompt}: choose {' or '.join(PROMPTS)}.")


def in_chunks(questions: Sequence[Question], size: int = _CHUNK) -> list[list[Question]]:
    """Questions of similar length together, always the same ones.

    Raises:
        DataError: no questions.
    """
    if not questions:
        raise DataError("There are no questions to score: ask for at least one.")
    ordered = sorted(questions, key=lambda q: (len(abstract_of(q)), q.id))
    return [ordered[start : start + size] for start in range(0, len(ordered), size)]


def score_chunk(
    engine: Engine, chunk: Sequence[Question], variants: Sequence[str], prompt: str = "hera"
) -> list[Scored]:
    """Every variant's label log-likelihoods for some questions.

    Raises:
        ConfigError, InputError: see `prompt_for` and `Engine.label_logprobs`.
    """
    texts = [prompt_for(question, prompt) for question in chunk]
    scores = engine.label_logprobs(texts, LABEL_TEXTS, variants)
    return [_scored(q, variants, scores[:, i]) for i, q in enumerate(chunk)]


def answer_chunk(
    engine: Engine,
    chunk: Sequence[Question],
    variants: Sequence[str],
    prompt: str = "hera",
    longest: int = 64,
) -> list[Scored]:
    """Every variant's own words about some questions, greedily, at most `longest` tokens, and what
    they decide.

    Raises:
        ConfigError, InputError: see `prompt_for` and `Engine.stream`.
    """
    params = GenerationParams(max_new_tokens=longest, temperature=0.0)
    answered = []
    for question in chunk:
        asked = prompt_for(question, prompt, free=True)
        texts: dict[str, str] = {}
        for step in engine.stream(dict.fromkeys(variants, asked), params):
            texts = dict(step.texts)
        pred = {name: decision_in(text) for name, text in texts.items()}
        answered.append(Scored(question.id, question.decision, pred, texts=texts))
    return answered


def score_questions(
    engine: Engine, questions: Sequence[Question], variants: Sequence[str], prompt: str = "hera"
) -> Iterator[list[Scored]]:
    """`score_chunk` over all questions; closing the iterator stops after this chunk.

    Raises:
        DataError, ConfigError, InputError: see `in_chunks` and `score_chunk`.
    """
    for chunk in in_chunks(questions):
        yield score_chunk(engine, chunk, variants, prompt)


def _scored(question: Question, variants: Sequence[str], scores: object) -> Scored:
    import numpy as np

    table = np.asarray(scores)
    return Scored(
        id=question.id,
        gold=question.decision,
        pred={v: LABELS[int(row.argmax())] for v, row in zip(variants, table, strict=True)},
        logprobs={
            v: {label: float(x) for label, x in zip(LABELS, row, strict=True)}
            for v, row in zip(variants, table, strict=True)
        },
    )


def probabilities(logprobs: dict[str, float]) -> dict[str, float]:
    """The labels' probabilities relative to each other: softmax over their log-likelihoods."""
    highest = max(logprobs.values())
    weights = {label: math.exp(x - highest) for label, x in logprobs.items()}
    return {label: weight / sum(weights.values()) for label, weight in weights.items()}


def compare(scored: Sequence[Scored], a: str, b: str, seed: int = 0) -> Paired:
    """Two variants over the same questions; `seed` is the bootstrap's."""
    a_right = [s.pred[a] == s.gold for s in scored]
    b_right = [s.pred[b] == s.gold for s in scored]
    return pair_of(a, b, a_right, b_right, seed)


def pair_of(a: str, b: str, a_right: Sequence[bool], b_right: Sequence[bool], seed: int) -> Paired:
    """Two variants by which of the same items, in the same order, each got right."""
    only_a = sum(x and not y for x, y in zip(a_right, b_right, strict=True))
    only_b = sum(y and not x for x, y in zip(a_right, b_right, strict=True))
    return Paired(
        a,
        b,
        only_a,
        only_b,
        stats.mcnemar(only_a, only_b),
        (only_b - only_a) / max(len(a_right), 1),
        stats.difference_ci95(a_right, b_right, seed),
    )
