"""What `benchmarks.quality` says of the answers: means, differences, and how it is printed."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from typing import Any, Literal

from pydantic import Field

from benchmarks.quality.measures import DEFINITIONS, RATES
from hera.evaluation import stats
from hera.evaluation.records import Interval, Item, Record
from hera.evaluation.results import Header, RunFacts
from hera.evaluation.summary import cut_lines

BASELINES = {
    "reference": "the doctor's reply itself",
    "other": "the doctor's reply to another patient: as well written, about something else",
}

_NAME, _CELL = 18, 28


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


class AnsweredCase(Item):
    """A patient's message with every variant's answer and its measures, those of the doctor's reply
    and, of the reply to another patient, if there is one."""

    patient: str
    gold: str
    reference: dict[str, Any]
    other: dict[str, Any] | None
    variants: dict[str, dict[str, Any]]


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


def quality_parts(
    items: Sequence[AnsweredCase], variants: Sequence[str], seed: int
) -> dict[str, dict[str, Any] | list[dict[str, Any]]]:
    """The `variants`, `paired` and `baselines` parts of the result."""
    answers = {name: [item.variants[name] for item in items] for name in variants}
    replies = {
        "reference": [item.reference for item in items],
        "other": [item.other for item in items if item.other],
    }
    return {
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


def quality_summary(result: QualityResult) -> str:
    """A row a measure: its mean and 95 % interval for every variant and baseline, the difference of
    every pair, and its definition."""
    columns = [(name, v.means) for name, v in result.variants.items()]
    columns += [(name, b.means) for name, b in result.baselines.items()]
    n = f"{result.scored} of {result.data.n}" if result.partial else f"n = {result.data.n}"
    lines = [
        f"Quality of answers, {result.data.ref}, {n}, greedy, "
        f"{result.max_new_tokens} tokens at most; means with 95 % intervals",
        _row("", [name for name, _ in columns]),
        *(_row(m, [_mean(means.get(m)) for _, means in columns]) for m in DEFINITIONS),
    ]
    lines += [f"{name}: {b.source}" for name, b in result.baselines.items()]
    if result.paired:
        lines += [
            "",
            "Differences over the same patients, second minus first; * = the interval leaves out 0",
            _row("", [f"{pair.a} to {pair.b}" for pair in result.paired]),
            *(_row(m, [_difference(p.measures[m]) for p in result.paired]) for m in DEFINITIONS),
            _chance(result.scored, len(result.paired) * len(DEFINITIONS)),
        ]
    lines += ["", *(f"{name}: {words}" for name, words in DEFINITIONS.items())]
    lines += cut_lines(result.cut or ())
    return "\n".join(lines)


def _chance(n: int, intervals: int) -> str:
    if n < stats.ENOUGH:
        return f"n < {stats.ENOUGH}: too few patients for intervals of means and differences."
    return f"Of {intervals} intervals at 95 %, one in twenty would leave out 0 by chance alone."


def _row(name: str, cells: Sequence[str]) -> str:
    return f"{name:{_NAME}}{''.join(f'{cell:{_CELL}}' for cell in cells)}".rstrip()


def _mean(measured: Mean | None) -> str:
    if measured is None or measured.mean is None:
        return "-"
    return f"{_number(measured.mean)}{_interval(measured.ci95)}"


def _difference(measured: Difference) -> str:
    if measured.difference is None:
        return "-"
    star = " *" if stats.leaves_out_zero(measured.difference_ci95) else ""
    interval = _interval(measured.difference_ci95, sign="+")
    return f"{_number(measured.difference, sign='+')}{interval}{star}"


def _interval(interval: Sequence[float] | None, sign: str = "") -> str:
    if interval is None:
        return ""
    low, high = (_number(end, sign) for end in interval)
    return f" ({low} to {high})"


def _number(value: float, sign: str = "") -> str:
    """Three digits after the point of what is below ten, one of the rest."""
    return f"{value:{sign}.3f}" if abs(value) < 10 else f"{value:{sign}.1f}"
