"""Is it luck? What rules see in many draws of several variants, and where two differ.

The draws of two variants are paired by their seed, which is the same dice for both. A share differs
by McNemar's exact test (1947), a length by the exact test of all signs of its differences (Fisher
1935); all p-values of a question are corrected together (Holm 1979), so that of questions whose
variants are the same, at most one in twenty shows any difference. The tests also hold where the
dice are not shared, as on a server, where pairs are of no more use.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from hera.errors import InputError
from hera.evaluation import stats
from hera.evaluation.records import Interval, Record
from hera.explain.features import BY_NAME
from hera.types import BASE

LEVEL = 0.05
"""Of questions whose variants are the same, so many at most show a difference."""

Values = Mapping[str, Mapping[str, Sequence[float]]]
"""Variant -> feature -> its value in each draw; see `hera.explain.features.seen`."""


class Average(Record):
    """A feature over one variant's draws: the share that has it (Wilson's interval), or the mean
    (bootstrap; null of fewer than ten draws)."""

    mean: float
    ci95: Interval | None
    n: int


class Difference(Record):
    """A feature of the second variant minus the first's, over the same draws; the bootstrap's
    interval is null of fewer than ten. `p_holm` is corrected for all that was looked at."""

    difference: float
    difference_ci95: Interval | None
    p: float
    p_holm: float

    @property
    def differs(self) -> bool:
        """Whether the evidence says so: the corrected p is below `LEVEL`, and the interval leaves
        out zero."""
        return self.p_holm < LEVEL and stats.leaves_out_zero(self.difference_ci95)


class LuckPair(Record):
    """Two variants, feature by feature."""

    a: str
    b: str
    features: dict[str, Difference]

    @property
    def differs(self) -> tuple[str, ...]:
        """The features in which they differ."""
        return tuple(name for name, its in self.features.items() if its.differs)


class Luck(Record):
    """n draws of each variant, from the seed on: what is seen in them, and each other variant
    against the first (the base, where it is there). `definitions` says what a feature is."""

    n: int
    seed: int
    definitions: dict[str, str]
    variants: dict[str, dict[str, Average]]
    paired: tuple[LuckPair, ...]


def judge(values: Values, seed: int) -> Luck:
    """What so many draws tell. Who looks again after every draw, and stops at the first difference,
    finds one too often: what differs is to be said once, when all have ended.

    Args:
        values: variant -> feature of `FEATURES` -> its value in each draw, all of the same draws.
        seed: of the first draw, and of the bootstrap.

    Raises:
        InputError: no draws.
    """
    n = min((len(of) for its in values.values() for of in its.values()), default=0)
    if not n:
        raise InputError("No draw has ended: there is nothing to tell.")
    first = BASE if BASE in values else next(iter(values))
    pairs = [(first, other) for other in values if other != first]
    features = list(values[first])
    return Luck.of(
        {
            "n": n,
            "seed": seed,
            "definitions": {name: BY_NAME[name].definition for name in features},
            "variants": {
                name: {feature: _average(feature, its[feature], seed) for feature in features}
                for name, its in values.items()
            },
            "paired": _paired(values, pairs, features, seed),
        }
    )


def _average(feature: str, values: Sequence[float], seed: int) -> dict[str, Any]:
    return stats.rate(values) if BY_NAME[feature].is_share else stats.mean(values, seed)


def _paired(
    values: Values, pairs: Sequence[tuple[str, str]], features: Sequence[str], seed: int
) -> list[dict[str, Any]]:
    cells = [(a, b, feature) for a, b in pairs for feature in features]
    ps = {cell: _p(values, *cell) for cell in cells}
    holm = dict(zip(ps, stats.holm(list(ps.values())), strict=True))
    return [
        {
            "a": a,
            "b": b,
            "features": {
                feature: {
                    **_difference(values[a][feature], values[b][feature], seed),
                    "p": ps[a, b, feature],
                    "p_holm": holm[a, b, feature],
                }
                for feature in features
            },
        }
        for a, b in pairs
    ]


def _p(values: Values, a: str, b: str, feature: str) -> float:
    moved = [int(y - x) for x, y in zip(values[a][feature], values[b][feature], strict=True)]
    if BY_NAME[feature].is_share:
        return stats.mcnemar(moved.count(-1), moved.count(1))
    return stats.sign_flip(moved)


def _difference(a: Sequence[float], b: Sequence[float], seed: int) -> dict[str, Any]:
    found = stats.difference(a, b, seed)
    return {key: found[key] for key in ("difference", "difference_ci95")}
