"""Two variants on the same items: who alone was right, what that tells, and in which words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from hera.evaluation import power, stats
from hera.evaluation.records import Interval, Record
from hera.evaluation.scoring import Scored

LEVEL = 0.05
"""What a pair's p, corrected for the number of pairs, is below where it tells a difference."""


class Comparison(Record):
    """How many items only one of the two got right, McNemar's exact p, and the difference of their
    accuracies, b's minus a's, with its bootstrap interval."""

    a: str
    b: str
    only_a: int
    only_b: int
    p: float
    difference: float
    difference_ci95: Interval


class Pair(Comparison):
    """One in a result; `p_holm` is corrected for the number of pairs there."""

    p_holm: float

    @property
    def verdict(self) -> int:
        """1 if b is better than a, -1 if it is worse, 0 if that cannot be told.

        A difference is one only if its interval excludes zero and p, corrected for the number of
        pairs, is below `LEVEL`.
        """
        if self.p_holm >= LEVEL or not stats.leaves_out_zero(self.difference_ci95):
            return 0
        return 1 if self.difference_ci95[0] > 0 else -1

    def line(self, did: str = "right") -> str:
        """It in a line; `did` is what a variant may alone have been."""
        low, high = self.difference_ci95
        return (
            f"{self.a} to {self.b}: {self.difference:+.3f} ({low:+.3f} to {high:+.3f}); only "
            f"{self.a} {did} {self.only_a}, only {self.b} {did} {self.only_b}, exact "
            f"McNemar p = {self.p:.3g}, Holm {self.p_holm:.3g}"
        )


def compare(scored: Sequence[Scored], a: str, b: str, seed: int = 0) -> Comparison:
    """Two variants over the same questions; `seed` is the bootstrap's."""
    a_right = [s.pred[a] == s.gold for s in scored]
    b_right = [s.pred[b] == s.gold for s in scored]
    return comparison(a, b, a_right, b_right, seed)


def comparison(
    a: str, b: str, a_right: Sequence[bool], b_right: Sequence[bool], seed: int
) -> Comparison:
    """Two variants by which of the same items, in the same order, each got right."""
    only_a = sum(x and not y for x, y in zip(a_right, b_right, strict=True))
    only_b = sum(y and not x for x, y in zip(a_right, b_right, strict=True))
    return Comparison(
        a=a,
        b=b,
        only_a=only_a,
        only_b=only_b,
        p=stats.mcnemar(only_a, only_b),
        difference=(only_b - only_a) / max(len(a_right), 1),
        difference_ci95=stats.difference_ci95(a_right, b_right, seed),
    )


def questions_to_tell(pair: Comparison, n: int, pairs: int) -> int | None:
    """How many questions would tell the two apart in 4 of 5 runs, if what was seen on n of them
    holds for all, at the level that the first of so many pairs has to reach (Holm); see
    `power.questions_to_tell`."""
    return power.questions_to_tell(pair.only_a, pair.only_b, n, LEVEL / max(pairs, 1))


def corrected(compared: Sequence[Comparison]) -> list[Mapping[str, Any]]:
    """Pairs as a result holds them, with p-values corrected for their number (Holm)."""
    return [
        {**pair.plain(), "p_holm": p}
        for pair, p in zip(compared, stats.holm([pair.p for pair in compared]), strict=True)
    ]
