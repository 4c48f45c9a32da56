"""Means over items, with what chance alone could have made of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from hera.stats import wilson

ENOUGH = 10
"""Below this many items a bootstrap interval is far too narrow: none is given then."""

Values = Sequence[float | None]


def mean(values: Values, seed: int) -> dict[str, Any]:
    """{"mean", "ci95", "n"} of the values that are there; None where nothing can be said.

    The interval is the percentile bootstrap's (Efron 1979; 10,000 resamples of items).
    """
    known = np.array([v for v in values if v is not None], dtype=np.float64)
    average = float(known.mean()) if len(known) else None
    return {"mean": average, "ci95": _bootstrap(known, seed), "n": len(known)}


def rate(values: Values) -> dict[str, Any]:
    """The same for zeros and ones: Wilson's interval, which also holds where all are equal."""
    hits, n = sum(v == 1.0 for v in values), len(values)
    return {"mean": hits / n if n else None, "ci95": list(wilson(hits, n)), "n": n}


def difference(a: Values, b: Values, seed: int) -> dict[str, Any]:
    """{"difference", "difference_ci95", "n"} of b minus a over the items that both have; items are
    resampled with both values together."""
    pairs = zip(a, b, strict=True)
    found = mean([y - x if x is not None and y is not None else None for x, y in pairs], seed)
    return {"difference": found["mean"], "difference_ci95": found["ci95"], "n": found["n"]}


def told(found: Mapping[str, Any]) -> bool:
    """Whether a difference can be told from none: its interval leaves zero out."""
    interval = found["difference_ci95"]
    return interval is not None and not interval[0] <= 0 <= interval[1]


def _bootstrap(values: np.ndarray, seed: int) -> list[float] | None:
    from scipy.stats import bootstrap

    if len(values) < ENOUGH:
        return None
    if (values == values[0]).all():
        return [float(values[0])] * 2
    found = bootstrap(
        (values,), np.mean, n_resamples=10_000, batch=500, method="percentile", rng=seed
    ).confidence_interval
    return [float(found.low), float(found.high)]
