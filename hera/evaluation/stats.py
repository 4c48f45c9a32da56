"""Intervals and paired tests, thin over scipy and scikit-learn."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from hera.data.pubmedqa import LABELS

if TYPE_CHECKING:
    import numpy as np

NONE = "none"
"""What a free answer counts as that decides nothing."""

ENOUGH = 10
"""Below this many items a bootstrap interval is far too narrow: none is given then."""

Values = Sequence[float | None]


def wilson(hits: int, n: int) -> tuple[float, float]:
    """95 % Wilson score interval of a proportion (Wilson 1927); (0, 1) when nothing was counted."""
    from scipy.stats import binomtest

    if n == 0:
        return 0.0, 1.0
    interval = binomtest(hits, n).proportion_ci(0.95, method="wilson")
    return float(interval.low), float(interval.high)


def mcnemar(only_a: int, only_b: int) -> float:
    """Exact two-sided p of McNemar's test (1947) from the two discordant counts."""
    from scipy.stats import binomtest

    n = only_a + only_b
    return float(binomtest(only_a, n, 0.5).pvalue) if n else 1.0


def sign_flip(differences: Sequence[int]) -> float:
    """Exact two-sided p that paired differences of counts have no direction: of all arrangements
    of their signs, the share whose sum is as far from 0 (Fisher 1935). Of zeros and ones it is
    `mcnemar`. scipy's permutation_test takes 0.3 s for 16 differences and samples beyond."""
    import numpy as np

    sums: np.ndarray = np.zeros(1, dtype=np.int64)
    shares: np.ndarray = np.ones(1)
    for d in differences:
        sums, place = np.unique(np.concatenate([sums + d, sums - d]), return_inverse=True)
        shares = np.bincount(place, np.tile(shares / 2, 2))
    return min(1.0, float(shares[np.abs(sums) >= abs(sum(differences))].sum()))


def _fewest_discordant(n: int) -> int | None:
    """How many of n items must differ, all on one side, for `mcnemar` to tell it from chance."""
    return next((k for k in range(1, n + 1) if mcnemar(0, k) < 0.05), None)


def smallest_difference(n: int) -> float | None:
    """The smallest difference of two accuracies over n items that `mcnemar` can tell from chance
    (p < 0.05), reached when all discordant items fall on one side; None if n is too small for any.
    """
    enough = _fewest_discordant(n)
    return None if enough is None else enough / n


def untold_points(n: int) -> float | None:
    """`smallest_difference` in points, rounded down: what is called untellable must be so."""
    enough = _fewest_discordant(n)
    return None if enough is None else 10_000 * enough // n / 100


def power_line(n: int) -> str:
    """What n items can tell, in a sentence."""
    points = untold_points(n)
    if points is None:
        return f"With n = {n} no difference can be told from chance."
    return f"With n = {n} a difference under {points:g} points cannot be told from chance."


def holm(ps: Sequence[float]) -> list[float]:
    """p-values corrected for how many there are (Holm 1979), in the order given."""
    order = sorted(range(len(ps)), key=lambda i: ps[i])
    corrected, highest = [0.0] * len(ps), 0.0
    for rank, i in enumerate(order):
        highest = max(highest, min(1.0, (len(ps) - rank) * ps[i]))
        corrected[i] = highest
    return corrected


def bootstrap_ci95(values: np.ndarray, seed: int) -> tuple[float, float] | None:
    """95 % percentile bootstrap interval of a mean (Efron 1979; 10,000 resamples of items); None of
    fewer than `ENOUGH` items."""
    import numpy as np
    from scipy.stats import bootstrap

    if len(values) < ENOUGH:
        return None
    if (values == values[0]).all():
        return float(values[0]), float(values[0])
    interval = bootstrap(
        (values,), np.mean, n_resamples=10_000, batch=500, method="percentile", rng=seed
    ).confidence_interval
    return float(interval.low), float(interval.high)


def means_apart_ci95(a: np.ndarray, b: np.ndarray, seed: int) -> tuple[float, float] | None:
    """95 % percentile bootstrap interval of a's mean minus b's, of different items, each lot
    resampled by itself (Efron 1979); None where either has fewer than `ENOUGH`."""

    def apart(x: np.ndarray, y: np.ndarray, axis: int = -1) -> np.ndarray:
        made: np.ndarray = x.mean(axis=axis) - y.mean(axis=axis)
        return made

    return of_two_ci95(a, b, apart, seed)


def of_two_ci95(
    a: np.ndarray,
    b: np.ndarray,
    statistic: Callable[..., np.ndarray],
    seed: int,
    resamples: int = 10_000,
) -> tuple[float, float] | None:
    """The same of any `statistic(a, b, axis=-1)` of two lots."""
    from scipy.stats import bootstrap

    if min(len(a), len(b)) < ENOUGH:
        return None
    found = bootstrap(
        (a, b), statistic, n_resamples=resamples, batch=500, method="percentile", rng=seed
    )
    low, high = found.confidence_interval
    return float(low), float(high)


def difference_ci95(
    a_right: Sequence[bool], b_right: Sequence[bool], seed: int = 0
) -> tuple[float, float]:
    """`bootstrap_ci95` of b's accuracy minus a's, items resampled with both variants' answers
    together; (-1, 1), which says nothing, of too few items."""
    import numpy as np

    difference = np.asarray(b_right, dtype=float) - np.asarray(a_right, dtype=float)
    return bootstrap_ci95(difference, seed) or (-1.0, 1.0)


def mean(values: Values, seed: int) -> dict[str, Any]:
    """{"mean", "ci95", "n"} of the values that are there; None where nothing can be said. The
    interval is `bootstrap_ci95`'s."""
    import numpy as np

    known = np.array([v for v in values if v is not None], dtype=np.float64)
    interval = bootstrap_ci95(known, seed)
    return {
        "mean": float(known.mean()) if len(known) else None,
        "ci95": None if interval is None else list(interval),
        "n": len(known),
    }


def rate(values: Values) -> dict[str, Any]:
    """The same for zeros and ones: Wilson's interval, which also holds where all are equal."""
    hits, n = sum(v == 1.0 for v in values), len(values)
    return {"mean": hits / n if n else None, "ci95": list(wilson(hits, n)), "n": n}


def difference(a: Values, b: Values, seed: int) -> dict[str, Any]:
    """{"difference", "difference_ci95", "n"} of b minus a over the items that both have; items are
    resampled with both values together."""
    pairs = zip(a, b, strict=True)
    average = mean([y - x if x is not None and y is not None else None for x, y in pairs], seed)
    return {"difference": average["mean"], "difference_ci95": average["ci95"], "n": average["n"]}


def t_interval(values: Sequence[float], of: int = 1) -> tuple[float, float] | None:
    """Student's t interval of a mean (1908), one of `of` intervals that hold all at once with 95 %
    (each at 1 - 0.05 / of: Dunn 1961); None of fewer than `ENOUGH` values."""
    import numpy as np
    from scipy.stats import t

    n = len(values)
    if n < ENOUGH:
        return None
    known = np.asarray(values, dtype=np.float64)
    reach = float(t.ppf(1 - 0.025 / of, n - 1) * known.std(ddof=1) / n**0.5)
    return float(known.mean()) - reach, float(known.mean()) + reach


def leaves_out_zero(interval: Sequence[float] | None) -> bool:
    """Whether a difference can be told from none by its interval."""
    return interval is not None and not interval[0] <= 0 <= interval[1]


def calibration(confidences: Sequence[float], hits: Sequence[bool]) -> dict[str, Any]:
    """Expected calibration error over ten equal bins of confidence (Guo et al. 2017,
    arXiv:1706.04599): {"ece", "bins": [{"low", "high", "n", "confidence", "accuracy"}]}, the bins
    that hold something."""
    import numpy as np

    sure, right = np.asarray(confidences, dtype=float), np.asarray(hits, dtype=float)
    place = np.minimum((sure * 10).astype(int), 9)
    bins = [
        {
            "low": k / 10,
            "high": (k + 1) / 10,
            "n": int((place == k).sum()),
            "confidence": float(sure[place == k].mean()),
            "accuracy": float(right[place == k].mean()),
        }
        for k in range(10)
        if (place == k).any()
    ]
    gaps = [b["n"] * abs(b["confidence"] - b["accuracy"]) for b in bins]
    return {"ece": sum(gaps) / len(sure) if len(sure) else 0.0, "bins": bins}


def macro_f1(gold: Sequence[str], predicted: Sequence[str]) -> float:
    """As PubMedQA's evaluation.py: scikit-learn's macro F1 over the labels that occur."""
    from sklearn.metrics import f1_score

    return float(f1_score(gold, predicted, average="macro")) if gold else 0.0


def per_class(gold: Sequence[str], predicted: Sequence[str]) -> dict[str, dict[str, float | int]]:
    """label -> {"precision", "recall", "f1", "support"}; 0 where there is no denominator."""
    from sklearn.metrics import precision_recall_fscore_support

    columns = precision_recall_fscore_support(gold, predicted, labels=LABELS, zero_division=0)
    return {
        label: {"precision": float(p), "recall": float(r), "f1": float(f), "support": int(s)}
        for label, p, r, f, s in zip(LABELS, *columns, strict=True)
    }


def confusion(gold: Sequence[str], predicted: Sequence[str]) -> dict[str, dict[str, int]]:
    """gold label -> predicted label -> count, every label present, and "none" if it was ever
    predicted."""
    columns = [*LABELS, NONE] if NONE in predicted else LABELS
    table = {g: dict.fromkeys(columns, 0) for g in LABELS}
    for g, p in zip(gold, predicted, strict=True):
        table[g][p] += 1
    return table


def measure(gold: Sequence[str], predicted: Sequence[str]) -> dict[str, Any]:
    """All that is counted of answers against gold labels, at least one: "accuracy",
    "accuracy_ci95", "macro_f1", "per_class", "confusion"."""
    hits = sum(g == p for g, p in zip(gold, predicted, strict=True))
    return {
        "accuracy": hits / len(gold),
        "accuracy_ci95": list(wilson(hits, len(gold))),
        "macro_f1": macro_f1(gold, predicted),
        "per_class": per_class(gold, predicted),
        "confusion": confusion(gold, predicted),
    }


def quantile(values: Sequence[float], share: float) -> dict[str, Any]:
    """{"value", "ci95", "n"}: what so large a share of the values is at most, with an interval by
    order statistics (Conover 1999, 3.2); None where too few values tell."""
    import numpy as np
    from scipy.stats import quantile_test

    if not values:
        return {"value": None, "ci95": None, "n": 0}
    test = quantile_test(values, q=float(np.median(values)), p=share)
    low, high = map(float, test.confidence_interval(0.95))
    told = bool(np.isfinite([low, high]).all())
    return {
        "value": float(np.quantile(values, share)),
        "ci95": [low, high] if told else None,
        "n": len(values),
    }


def slope(x: Sequence[float], y: Sequence[float]) -> dict[str, Any]:
    """{"value", "ci95", "n"}: how y changes with x, by Theil and Sen (Sen 1968), which few values
    far off do not move; None of fewer than `ENOUGH`."""
    from scipy.stats import theilslopes

    if len(x) < ENOUGH:
        return {"value": None, "ci95": None, "n": len(x)}
    found = theilslopes(y, x)
    ends = [float(found.low_slope), float(found.high_slope)]
    return {"value": float(found.slope), "ci95": ends, "n": len(x)}


def evenness(shares: Sequence[float]) -> float | None:
    """Jain's index (Jain, Chiu and Hawe 1984, DEC-TR-301): 1 where all have the same, 1/n where one
    has all; None of nothing."""
    squares = sum(x * x for x in shares)
    return sum(shares) ** 2 / (len(shares) * squares) if squares else None
