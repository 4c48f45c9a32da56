"""Intervals and paired tests, thin over scipy and scikit-learn."""

from __future__ import annotations

from collections.abc import Sequence

from hera.prompts import LABELS


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


def macro_f1(gold: Sequence[str], predicted: Sequence[str]) -> float:
    """As PubMedQA's evaluation.py: scikit-learn's macro F1 over the labels that occur."""
    from sklearn.metrics import f1_score

    return float(f1_score(gold, predicted, average="macro")) if gold else 0.0


def confusion(gold: Sequence[str], predicted: Sequence[str]) -> dict[str, dict[str, int]]:
    """gold label -> predicted label -> count, every label present."""
    table = {g: dict.fromkeys(LABELS, 0) for g in LABELS}
    for g, p in zip(gold, predicted, strict=True):
        table[g][p] += 1
    return table
