"""Intervals and paired tests, thin over scipy and scikit-learn."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from hera.prompts import LABELS

NONE = "none"
"""What a free answer counts as that decides nothing."""


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


def smallest_difference(n: int) -> float | None:
    """The smallest difference of two accuracies over n items that `mcnemar` can tell from chance
    (p < 0.05), reached when all discordant items fall on one side; None if n is too small for any.
    """
    enough = next((k for k in range(1, n + 1) if mcnemar(0, k) < 0.05), None)
    return None if enough is None else enough / n


def holm(ps: Sequence[float]) -> list[float]:
    """p-values corrected for how many there are (Holm 1979), in the order given."""
    order = sorted(range(len(ps)), key=lambda i: ps[i])
    corrected, highest = [0.0] * len(ps), 0.0
    for rank, i in enumerate(order):
        highest = max(highest, min(1.0, (len(ps) - rank) * ps[i]))
        corrected[i] = highest
    return corrected


def difference_ci95(
    a_right: Sequence[bool], b_right: Sequence[bool], seed: int = 0
) -> tuple[float, float]:
    """95 % percentile bootstrap interval (Efron 1979; 10,000 resamples of items, both variants'
    answers together) of b's accuracy minus a's; (-1, 1) of less than two items."""
    import numpy as np
    from scipy.stats import bootstrap

    difference = np.asarray(b_right, dtype=float) - np.asarray(a_right, dtype=float)
    if len(difference) < 2:
        return -1.0, 1.0  # nothing is known
    if (difference == difference[0]).all():
        return float(difference[0]), float(difference[0])
    found = bootstrap(
        (difference,), np.mean, n_resamples=10_000, batch=500, method="percentile", rng=seed
    )
    return float(found.confidence_interval.low), float(found.confidence_interval.high)


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
