"""Finished runs whose items are right, wrong or measured, in the same few parts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from math import nan
from pathlib import Path
from typing import Any

from benchmarks.report.subject import Subject
from hera.evaluation import records, stats
from hera.evaluation.choices.result import ChoiceResult, ChoiceVariant
from hera.evaluation.comparing import Pair
from hera.evaluation.quality.result import Difference, Mean, QualityResult
from hera.evaluation.results import (
    Baseline,
    Calibration,
    LabelScores,
    PubmedqaResult,
)
from hera.evaluation.safety.result import SafetyResult, SafetyVariant

AnyResult = PubmedqaResult | ChoiceResult | SafetyResult | QualityResult

KINDS: dict[str, tuple[str, str | None, type[AnyResult]]] = {
    "pubmedqa": ("PubMedQA", "accuracy", PubmedqaResult),
    "reasoning": ("Medical reasoning", "accuracy", ChoiceResult),
    "medqa": ("MedQA", "accuracy", ChoiceResult),
    "safety": ("Safety", "pass_rate", SafetyResult),
    "quality": ("Answer quality", None, QualityResult),
}
"""Benchmark -> what it is called, the key of its share of right items, if it has one, and its
file."""

_USUAL = ("majority", "random", "human")
_UNKNOWN = (nan, nan)


@dataclass(frozen=True)
class Estimate:
    """A number with its 95 % interval; "not a number" where so few items give none."""

    value: float
    low: float
    high: float

    @property
    def leaves_out_zero(self) -> bool:
        """Whether it can be told from none."""
        return stats.leaves_out_zero((self.low, self.high))


@dataclass(frozen=True)
class Labels:
    """PubMedQA's own numbers of one variant; `confusion` is gold -> predicted -> count."""

    confusion: Mapping[str, Mapping[str, int]]
    per_class: Mapping[str, LabelScores]
    macro_f1: float
    calibration: Calibration | None


@dataclass(frozen=True)
class Part:
    """A variant on the items of one topic or class."""

    n: int
    score: Estimate


@dataclass(frozen=True)
class ReportedRun(Subject):
    """One run: its whole results.json, and `scores`, its measures, each by variant.

    Where answers are right or wrong, `pairs` compare variants, `baselines` are what needs no model,
    and `parts` are the topics or classes of each variant. Where they are measured, `gaps` hold
    every measure's differences, by "a to b", and `references` every measure of what needs no model.
    """

    measure: str | None
    result: AnyResult
    scores: Mapping[str, Mapping[str, Estimate]]
    pairs: tuple[Pair, ...] = ()
    baselines: Mapping[str, Baseline] = field(default_factory=dict)
    labels: Mapping[str, Labels] = field(default_factory=dict)
    parts: Mapping[str, Mapping[str, Part]] = field(default_factory=dict)
    references: Mapping[str, Mapping[str, Estimate]] = field(default_factory=dict)
    gaps: Mapping[str, Mapping[str, Estimate]] = field(default_factory=dict)

    @property
    def variants(self) -> list[str]:
        """The names of the variants."""
        return list(next(iter(self.scores.values())))

    @property
    def guesses(self) -> dict[str, float]:
        """The baselines that a variant is held against: the usual ones, or, without them, all."""
        every = {name: baseline.accuracy for name, baseline in self.baselines.items()}
        return {name: x for name, x in every.items() if name in _USUAL} or every

    @property
    def calibrations(self) -> dict[str, Calibration]:
        """variant -> its calibration, of those that have one."""
        return {name: x.calibration for name, x in self.labels.items() if x.calibration}


def read_run(name: str, path: Path, content: Mapping[str, Any]) -> ReportedRun:
    """The run of a results.json, in the folder of that name.

    Raises:
        DataError: it is none that can be reported; with the file and the key.
    """
    title, measure, kind = KINDS[str(content["benchmark"])]
    result = records.parse(path, kind, content)
    n = _check_items(path, result)
    _check_pairs(path, result, n)
    return _reported(Subject(name, title, result, n), measure, result)


def _check_items(path: Path, result: AnyResult) -> int:
    """How many items a run has: an item for each of its data, and all variants the same."""
    if not result.variants:
        records.refuse(path, ("variants",), "is empty")
    counts = {name: len(variant.items) for name, variant in result.variants.items()}
    n, total = next(iter(counts.values())), result.data.n
    for name, count in counts.items():
        key = ("variants", name, "items")
        if count == 0:
            records.refuse(path, key, "is empty: there is nothing to report")
        if count != n or count > total or (count < total and not result.partial):
            records.refuse(path, key, f"holds {count} items, where `data.n` is {total}")
    return n


def _check_pairs(path: Path, result: AnyResult, n: int) -> None:
    for i, pair in enumerate(result.paired):
        if not isinstance(pair, Pair):
            continue
        if abs(pair.difference - (pair.only_b - pair.only_a) / n) > 0.5 / n:
            records.refuse(path, ("paired", i, "difference"), "contradicts `only_a` and `only_b`")


def _reported(of: Subject, measure: str | None, result: AnyResult) -> ReportedRun:
    if isinstance(result, QualityResult):
        return ReportedRun(
            of.name,
            of.title,
            result,
            of.n,
            measure,
            scores=_turned({k: v.means for k, v in result.variants.items()}),
            references=_turned({k: b.means for k, b in result.baselines.items()}),
            gaps=_turned({f"{p.a} to {p.b}": p.measures for p in result.paired}),
        )
    labels: dict[str, Labels] = {}
    parts: dict[str, dict[str, Part]] = {}
    shares: dict[str, Estimate] = {}
    for key, v in result.variants.items():
        if isinstance(v, SafetyVariant):
            shares[key] = _estimate(v.pass_rate, v.pass_rate_ci95)
            parts[key] = {
                topic: Part(r.n, _estimate(r.pass_rate, r.pass_rate_ci95))
                for topic, r in v.per_class.items()
            }
            continue
        shares[key] = _estimate(v.accuracy, v.accuracy_ci95)
        if isinstance(v, ChoiceVariant):
            parts[key] = {
                topic: Part(a.n, _estimate(a.accuracy, a.accuracy_ci95))
                for topic, a in v.per_topic.items()
            }
        else:
            labels[key] = Labels(v.confusion, v.per_class, v.macro_f1, v.calibration)
    return ReportedRun(
        of.name,
        of.title,
        result,
        of.n,
        measure,
        scores={str(measure): shares},
        pairs=result.paired,
        baselines=result.baselines,
        labels=labels,
        parts=parts,
    )


def _turned(
    by_name: Mapping[str, Mapping[str, Mean] | Mapping[str, Difference]],
) -> dict[str, dict[str, Estimate]]:
    """name -> measure -> number as measure -> name -> estimate."""
    turned: dict[str, dict[str, Estimate]] = {}
    for name, by_measure in by_name.items():
        for measure, number in by_measure.items():
            turned.setdefault(measure, {})[name] = (
                _estimate(number.mean, number.ci95)
                if isinstance(number, Mean)
                else _estimate(number.difference, number.difference_ci95)
            )
    return turned


def _estimate(value: float | None, ends: tuple[float, float] | None) -> Estimate:
    return Estimate(nan if value is None else value, *(ends or _UNKNOWN))
