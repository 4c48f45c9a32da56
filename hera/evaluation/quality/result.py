"""A result on answers to patients: means, differences; the same for command and screen."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from typing import Any, Literal

from pydantic import Field

from hera.evaluation import results, stats
from hera.evaluation.quality.answering import AnsweredCase, Case, prompt_text
from hera.evaluation.quality.measures import DEFINITIONS, RATES
from hera.evaluation.records import Interval, Item, Record
from hera.evaluation.results import Header, RunFacts
from hera.types import Engine

BASELINES = {
    "reference": "the doctor's reply itself",
    "other": "the doctor's reply to another patient: as well written, about something else",
}


class Mean(Record):
    """A measure's mean; null where nothing can be said."""

    mean: float | None
    ci95: Interval | None
    n: int


class Difference(Record):
    """Of one measure, the second's minus the first's; null where nothing can be said."""

    difference: float | None
    difference_ci95: Interval | None
    n: int


class QualityItem(Item):
    """One variant's answer; its measures are further keys."""

    gold: str
    text: str
    finished: str | None


class QualityVariant(Record):
    """Every measure's `Mean` under its name, and the answers."""

    __pydantic_extra__: dict[str, Mean] = Field(init=False)
    items: tuple[QualityItem, ...]

    @property
    def means(self) -> dict[str, Mean]:
        """measure -> its mean."""
        return self.__pydantic_extra__


class QualityBaseline(Record):
    """What needs no model, measured the same way."""

    __pydantic_extra__: dict[str, Mean] = Field(init=False)
    source: str

    @property
    def means(self) -> dict[str, Mean]:
        """measure -> its mean."""
        return self.__pydantic_extra__


class QualityPair(Record):
    """Two variants, measure by measure."""

    a: str
    b: str
    measures: dict[str, Difference]


class QualityScores(Header):
    """What was asked, and what the answers say. `cut` are the dialogues whose last message was over
    the model's window."""

    benchmark: Literal["quality"]
    prompt_text: str
    max_new_tokens: int
    left_out: int
    cut: tuple[str, ...] | None = None
    definitions: dict[str, str]
    scored: int
    variants: dict[str, QualityVariant]
    paired: tuple[QualityPair, ...]
    baselines: dict[str, QualityBaseline]


class QualityResult(RunFacts, QualityScores):
    """The whole results.json."""


def quality_header(
    engine: Engine, ref: str, cases: Sequence[Case], max_new_tokens: int, seed: int
) -> dict[str, Any]:
    """What was asked: the dialogues with their fingerprint, and what the base reads of one.

    Args:
        engine: what is asked.
        ref: what the dialogues are called.
        cases: in the order in which they are asked.
        max_new_tokens: of each answer.
        seed: of the sample.
    """
    return {
        "benchmark": "quality",
        "data": results.data_of(ref, "test", [case.dialogue for case in cases]),
        "seed": seed,
        "prompt": "chat",
        "prompt_text": prompt_text(engine),
        "max_new_tokens": max_new_tokens,
    }


def quality_parts(
    items: Sequence[AnsweredCase], variants: Sequence[str], seed: int
) -> dict[str, Any]:
    """The `definitions`, `scored`, `variants`, `paired` and `baselines` parts of the result."""
    answers = {name: [item.variants[name] for item in items] for name in variants}
    replies = {
        "reference": [item.reference for item in items],
        "other": [item.other for item in items if item.other],
    }
    return {
        "definitions": DEFINITIONS,
        "scored": len(items),
        "variants": {
            name: {**averages(answers[name], seed), "items": listed(items, name)}
            for name in variants
        },
        "paired": [
            {
                "a": a,
                "b": b,
                "measures": {
                    m: stats.difference(values(answers[a], m), values(answers[b], m), seed)
                    for m in DEFINITIONS
                },
            }
            for a, b in itertools.combinations(variants, 2)
        ],
        "baselines": {
            name: {**averages(replies[name], seed), "source": source}
            for name, source in BASELINES.items()
        },
    }


def averages(answers: Sequence[Mapping[str, Any]], seed: int) -> dict[str, Any]:
    """measure -> its mean, for the measures that the answers have."""
    return {
        m: stats.rate(values(answers, m)) if m in RATES else stats.mean(values(answers, m), seed)
        for m in DEFINITIONS
        if all(m in answer for answer in answers)
    }


def values(answers: Sequence[Mapping[str, Any]], measure: str) -> list[float | None]:
    """One measure of every answer."""
    return [answer[measure] for answer in answers]


def listed(items: Sequence[AnsweredCase], name: str) -> list[dict[str, Any]]:
    """Every answer of a variant, with what it was measured against."""
    return [{"id": i.id, "gold": i.gold, **i.variants[name]} for i in items]
