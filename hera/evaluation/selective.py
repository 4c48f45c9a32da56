"""Answering only where it is sure: what a variant that may be silent gets wrong."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Threshold:
    """Of the answers that are at least so sure (`confidence`): their share of all (`coverage`), and
    the share of them that is wrong (`risk`)."""

    confidence: float
    coverage: float
    risk: float


def risk_coverage(confidences: Sequence[float], hits: Sequence[bool]) -> list[Threshold]:
    """The risk-coverage curve, the surest answers first; answers that are equally sure come
    together (El-Yaniv & Wiener 2010, JMLR 11:1605; Geifman & El-Yaniv 2017, arXiv:1705.08500)."""
    import numpy as np

    sure, right = np.asarray(confidences, dtype=float), np.asarray(hits, dtype=float)
    order = np.argsort(-sure, kind="stable")
    sure, wrong = sure[order], np.cumsum(1 - right[order])
    last = np.append(sure[1:] != sure[:-1], True) if len(sure) else np.zeros(0, dtype=bool)
    return [
        Threshold(float(sure[i]), (i + 1) / len(sure), float(wrong[i] / (i + 1)))
        for i in np.flatnonzero(last).tolist()
    ]


def area_under(curve: Sequence[Threshold]) -> float:
    """The mean risk over all coverages, 0 at best (AURC: Geifman, Uziel & El-Yaniv 2019,
    arXiv:1805.08206); answers that come together are weighed by their number."""
    area, before = 0.0, 0.0
    for point in curve:
        area += (point.coverage - before) * point.risk
        before = point.coverage
    return area
