"""Finished runs: their results.json, checked key by key before anything is said of them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

from benchmarks.checked import Checked, Estimate
from hera.errors import DataError, one_line
from hera.measured import without_paths

FILE = "results.json"
SCORES = {
    "pubmedqa": ("PubMedQA", "accuracy"),
    "reasoning": ("Medical reasoning", "accuracy"),
    "medqa": ("MedQA", "accuracy"),
    "safety": ("Safety", "pass_rate"),
    "quality": ("Answer quality", None),
}
"""What each benchmark is called, and the key of its share of right items, if it has one."""

_CALIBRATED = ("low", "high", "n", "confidence", "accuracy")
_PER_CLASS = ("precision", "recall", "f1", "support")
_PARTS = ("per_topic", "per_class")
_USUAL = ("majority", "random", "human")


@dataclass(frozen=True)
class Pair:
    """Two variants on the same items; `difference` is b minus a, with its 95 % interval."""

    a: str
    b: str
    only_a: int
    only_b: int
    p: float
    p_holm: float
    difference: Estimate

    @property
    def verdict(self) -> int:
        """1 if b is better than a, -1 if it is worse, 0 if that cannot be told.

        A difference is one only if its interval excludes zero and p, corrected for the number of
        pairs, is below 0.05.
        """
        if self.p_holm >= 0.05 or self.difference.holds_zero:
            return 0
        return 1 if self.difference.low > 0 else -1


@dataclass(frozen=True)
class Result:
    """One run: `told` is its whole results.json, and `scores` are its measures, each by variant.

    Where answers are right or wrong, `pairs` compare variants and `baselines` are what needs no
    model. Where they are measured, `gaps` hold every measure's differences, by "a to b", and
    `references` every measure of what needs no model.
    """

    name: str
    title: str
    told: Mapping[str, Any]
    n: int
    scores: Mapping[str, Mapping[str, Estimate]]
    pairs: tuple[Pair, ...] = ()
    baselines: Mapping[str, float] = field(default_factory=dict)
    references: Mapping[str, Mapping[str, Estimate]] = field(default_factory=dict)
    gaps: Mapping[str, Mapping[str, Estimate]] = field(default_factory=dict)

    @property
    def measure(self) -> str | None:
        """The key of the share of right items; None where answers are not right or wrong."""
        return SCORES[self.told["benchmark"]][1]

    @property
    def mark(self) -> str:
        """What every table and picture of a partial run carries; empty for a whole one."""
        return (
            f"PARTIAL: {self.n} of {self.told['data']['n']} items" if self.told["partial"] else ""
        )

    @property
    def parts(self) -> dict[str, Any]:
        """variant -> topic or class -> its numbers, where the run was looked at in parts."""
        return next((found for key in _PARTS if (found := self.of_variants(key))), {})

    @property
    def guesses(self) -> dict[str, float]:
        """The baselines that a variant is held against: the usual ones, or, without them, all."""
        usual = {name: x for name, x in self.baselines.items() if name in _USUAL}
        return usual or dict(self.baselines)

    def of_variants(self, key: str) -> dict[str, Any]:
        """What the variants say under a key, of those that say something."""
        return {name: v[key] for name, v in self.told["variants"].items() if v.get(key)}


def read(folder: Path) -> Result:
    """The run in a folder.

    Raises:
        DataError: no results.json there, or none that can be reported; with the file and the key.
    """
    path = folder / FILE
    if not path.is_file():
        raise DataError(f"{path}: no such file. A run that was stopped goes on with --resume.")
    try:
        told = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise DataError(f"{path}: cannot be read as JSON ({one_line(error)}).") from error
    if not isinstance(told, dict) or "benchmark" not in told:
        raise DataError(f"{path}: not the result of a benchmark: it has no `benchmark`.")
    if str(told["benchmark"]) not in SCORES:
        raise DataError(
            f"{path}: `benchmark` is {told['benchmark']!r}: known are {', '.join(SCORES)}."
        )
    return _result(Checked(path, without_paths(told)), folder.resolve().name)


def _result(of: Checked, name: str) -> Result:
    title, measure = SCORES[of.told["benchmark"]]
    for key in ("ref", "sha256"):
        of.at(str, "data", key)
    for key in ("model", "platform", "device", "dtype", "hera", "python"):
        of.at(str, "environment", key)
    for key in ("weights", "versions"):
        of.at(dict, "environment", key)
    of.at(bool, "partial")
    if of.told["benchmark"] == "pubmedqa" or "prompt" in of.told:
        of.at(str, "prompt")
    of.at(int, "seed")
    of.at(float, "seconds")
    of.at(str, "finished")
    variants = of.at(dict, "variants")
    if not variants:
        of.fail(("variants",), "is empty")
    n = len(of.at(list, "variants", next(iter(variants)), "items"))
    if "definitions" in of.told:
        of.at(dict, "definitions")
    for variant in variants:
        _check_items(of, variant, n)
        _check_parts(of, variant, measure)
    common = partial(Result, name=name, title=title, told=of.told, n=n)
    if measure is None:
        scores, references = _means(of, "variants"), _means(of, "baselines")
        return common(scores=scores, references=references, gaps=_gaps(of))
    shares = {variant: of.estimate("variants", variant, measure) for variant in variants}
    return common(scores={measure: shares}, pairs=_pairs(of, n), baselines=_baselines(of))


def _means(of: Checked, group: str) -> dict[str, dict[str, Estimate]]:
    """measure -> variant or baseline -> its mean."""
    found: dict[str, dict[str, Estimate]] = {}
    for name in of.at(dict, group) if group in of.told else ():
        for key, value in of.at(dict, group, name).items():
            if isinstance(value, dict) and "mean" in value:
                at = (group, name, key)
                found.setdefault(key, {})[name] = of.few((*at, "mean"), (*at, "ci95"))
    if not found and group == "variants":
        of.fail((group,), "holds no measure with a `mean`")
    return found


def _gaps(of: Checked) -> dict[str, dict[str, Estimate]]:
    """measure -> "a to b" -> the difference."""
    found: dict[str, dict[str, Estimate]] = {}
    for i in range(len(of.at(list, "paired"))):
        name = " to ".join(of.at(str, "paired", i, side) for side in "ab")
        for key in of.at(dict, "paired", i, "measures"):
            at = ("paired", i, "measures", key)
            gap = of.few((*at, "difference"), (*at, "difference_ci95"))
            found.setdefault(key, {})[name] = gap
    return found


def _pairs(of: Checked, n: int) -> tuple[Pair, ...]:
    return tuple(_pair(of, i, n) for i in range(len(of.at(list, "paired"))))


def _pair(of: Checked, i: int, n: int) -> Pair:
    a, b = (of.at(str, "paired", i, side) for side in "ab")
    only_a, only_b = (of.at(int, "paired", i, f"only_{side}") for side in "ab")
    p, p_holm = (of.at(float, "paired", i, key) for key in ("p", "p_holm"))
    difference = of.estimate("paired", i, "difference")
    if abs(difference.value - (only_b - only_a) / n) > 0.5 / n:
        of.fail(("paired", i, "difference"), "contradicts `only_a` and `only_b`")
    return Pair(a, b, only_a, only_b, p, p_holm, difference)


def _baselines(of: Checked) -> dict[str, float]:
    names = of.at(dict, "baselines")
    for name in names:
        of.at(str, "baselines", name, "source")
    return {name: of.at(float, "baselines", name, "accuracy") for name in names}


def _check_items(of: Checked, variant: str, n: int) -> None:
    """A whole run has an item for each of its data, and all variants have the same."""
    where, total = ("variants", variant, "items"), of.at(int, "data", "n")
    found = len(of.at(list, *where))
    if found == 0:
        of.fail(where, "is empty: there is nothing to report")
    if found != n or found > total or (found < total and not of.told["partial"]):
        of.fail(where, f"holds {found} items, where `data.n` is {total}")


def _check_parts(of: Checked, variant: str, measure: str | None) -> None:
    """The parts that not every benchmark, or not every way of scoring, has."""
    mine = ("variants", variant)
    told = of.at(dict, *mine)
    if of.told["benchmark"] == "pubmedqa":
        of.at(float, *mine, "macro_f1")
        for label in of.at(dict, *mine, "confusion"):
            for predicted in of.at(dict, *mine, "confusion", label):
                of.at(int, *mine, "confusion", label, predicted)
            for key in _PER_CLASS:
                of.at(float, *mine, "per_class", label, key)
    elif measure:
        for key in set(told) & set(_PARTS):
            for part in of.at(dict, *mine, key):
                of.at(int, *mine, key, part, "n")
                of.estimate(*mine, key, part, measure)
    if "calibration" in told:
        of.at(float, *mine, "calibration", "ece")
        for i in range(len(of.at(list, *mine, "calibration", "bins"))):
            for key in _CALIBRATED:
                of.at(float, *mine, "calibration", "bins", i, key)
