"""What `benchmarks.embedded` writes: its parts, each as soon as it is measured."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from hera.evaluation.records import Interval, Record
from hera.evaluation.results import LabelScores, RunFacts


class DecisionScores(Record):
    """Decisions against gold labels; of no questions at all only `n`. `cut` are the questions whose
    abstract was over the model's window."""

    n: int
    accuracy: float | None = None
    accuracy_ci95: Interval | None = None
    macro_f1: float | None = None
    per_class: dict[str, LabelScores] | None = None
    confusion: dict[str, dict[str, int]] | None = None
    cut: tuple[str, ...] | None = None


class Rate(Record):
    """A share of replies; null of none."""

    rate: float | None
    ci95: Interval
    n: int


class Missed(Record):
    """A message from outside the model's world, and an answer that was not honest."""

    message: str
    answer: str


class Outside(Record):
    """How many answers to such messages were honest."""

    n: int
    honest: float | None
    ci95: Interval
    missed: tuple[Missed, ...]


class EmbeddedResult(RunFacts):
    """results.json; what was not measured yet is not there. PubMedQA: kind -> variant -> numbers;
    messages: kind -> measure -> share."""

    benchmark: Literal["embedded"]
    seed: int
    pubmedqa: dict[str, dict[str, DecisionScores]] | None = None
    real: dict[str, dict[str, DecisionScores]] | None = None
    shortcuts: dict[str, dict[str, DecisionScores]] | None = None
    messages_greedy: dict[str, dict[str, Rate]] | None = Field(None, alias="messages at 0")
    messages_sampled: dict[str, dict[str, Rate]] | None = Field(None, alias="messages at 0.7")
    outside_greedy: Outside | None = Field(None, alias="outside at 0")
    outside_sampled: Outside | None = Field(None, alias="outside at 0.7")
