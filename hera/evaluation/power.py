"""How many questions it takes to tell two variants apart: a plan for a run that is still to come.

The power that a finished run had is no news beside its p (Hoenig & Heisey 2001, "The abuse of
power", The American Statistician 55:19).
"""

from __future__ import annotations

POWER = 0.8
"""How often a run of that many questions is to tell a difference that is there."""

MOST = 100_000
"""Questions beyond which nobody asks on."""

_TAIL = 1e-10  # of the number of questions on which they differ: left out


def mcnemar_power(rate_a: float, rate_b: float, n: int, alpha: float = 0.05) -> float:
    """How often `stats.mcnemar` over n items is below alpha, exactly, summed over all numbers of
    discordant items (Duffy 1984, Biometrics 40:1005).

    Args:
        rate_a: the share of all items that only a gets right.
        rate_b: the share that only b gets right; with the other at most 1.
        n: how many items.
        alpha: what p is to be below.
    """
    import numpy as np
    from scipy.stats import binom

    differ = rate_a + rate_b
    if not differ:
        return 0.0
    counts = np.arange(binom.ppf(_TAIL, n, differ), binom.isf(_TAIL, n, differ) + 1)
    most = binom.ppf(alpha / 2, counts, 0.5) - 1  # the fewer of both may be so many
    share = rate_b / differ
    told = binom.cdf(most, counts, share) + binom.sf(counts - most - 1, counts, share)
    return float((binom.pmf(counts, n, differ) * np.where(most < 0, 0.0, told)).sum())


def questions_to_tell(only_a: int, only_b: int, n: int, alpha: float = 0.05) -> int | None:
    """How many items `mcnemar_power` needs to reach `POWER` if the rates observed on n items are
    the true ones; None if more than `MOST`, or any number, would not do."""
    rate_a, rate_b = only_a / n, only_b / n
    if mcnemar_power(rate_a, rate_b, MOST, alpha) < POWER:
        return None
    low, high = 0, MOST
    while high - low > 1:
        middle = (low + high) // 2
        if mcnemar_power(rate_a, rate_b, middle, alpha) < POWER:
            low = middle
        else:
            high = middle
    return high
