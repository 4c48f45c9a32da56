"""From questions to predictions: batch after batch, so that a screen can show them as they come."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from hera import stats
from hera.data import Question
from hera.engine import Engine, Prompt
from hera.errors import ConfigError, DataError
from hera.prompts import LABEL_TEXTS, LABELS, abstract_of, decide_messages, lm_eval_prompt

PROMPTS = ("hera", "lm-eval")
_CHUNK = 16  # questions between two updates: a second or two of work on 2 CPU cores


@dataclass(frozen=True)
class Scored:
    """One question with every variant's answer. `logprobs` are natural-log likelihoods."""

    id: str
    gold: str
    pred: dict[str, str]
    logprobs: dict[str, dict[str, float]]


@dataclass(frozen=True)
class Summary:
    """One variant's result over n questions; `ci95` is the Wilson interval of the accuracy."""

    accuracy: float
    ci95: tuple[float, float]
    macro_f1: float
    confusion: dict[str, dict[str, int]]
    n: int


@dataclass(frozen=True)
class Paired:
    """Two variants on the same questions: how many only one of them got right, and McNemar's p."""

    a: str
    b: str
    only_a: int
    only_b: int
    p: float


def prompt_for(question: Question, prompt: str) -> Prompt:
    """The prompt of a question in the chosen style.

    Raises:
        ConfigError: the style is neither "hera" nor "lm-eval".
    """
    if prompt == "hera":
        return decide_messages(question)
    if prompt == "lm-eval":
        return lm_eval_prompt(question)
    raise ConfigError(f"--prompt {prompt}: choose {' or '.join(PROMPTS)}.")


def score_questions(
    engine: Engine, questions: Sequence[Question], variants: Sequence[str], prompt: str = "hera"
) -> Iterator[list[Scored]]:
    """Score questions, similar lengths together; closing the iterator stops after this batch.

    Raises:
        DataError: no questions.
        ConfigError, InputError: see `prompt_for` and `Engine.label_logprobs`.
    """
    if not questions:
        raise DataError("There are no questions to score: ask for at least one.")
    ordered = sorted(questions, key=lambda q: (len(abstract_of(q)), q.id))
    for start in range(0, len(ordered), _CHUNK):
        chunk = ordered[start : start + _CHUNK]
        texts = [prompt_for(question, prompt) for question in chunk]
        scores = engine.label_logprobs(texts, LABEL_TEXTS, variants)
        yield [_scored(q, variants, scores[:, i]) for i, q in enumerate(chunk)]


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


def summarize(scored: Sequence[Scored], variant: str) -> Summary:
    """Accuracy with its interval, macro-F1 and the confusion matrix of one variant."""
    gold = [s.gold for s in scored]
    pred = [s.pred[variant] for s in scored]
    hits = sum(g == p for g, p in zip(gold, pred, strict=True))
    return Summary(
        accuracy=hits / len(gold) if gold else 0.0,
        ci95=stats.wilson(hits, len(gold)),
        macro_f1=stats.macro_f1(gold, pred),
        confusion=stats.confusion(gold, pred),
        n=len(gold),
    )


def compare(scored: Sequence[Scored], a: str, b: str) -> Paired:
    """The exact McNemar test of two variants over the same questions."""
    right = [(s.pred[a] == s.gold, s.pred[b] == s.gold) for s in scored]
    only_a = sum(x and not y for x, y in right)
    only_b = sum(y and not x for x, y in right)
    return Paired(a, b, only_a, only_b, stats.mcnemar(only_a, only_b))
