"""Risk against coverage, as scikit-learn counts precision at every threshold."""

import numpy as np
import pytest
from sklearn.metrics import precision_recall_curve

from hera.evaluation.selective import area_under, risk_coverage


def test_the_curve_is_one_minus_scikit_learns_precision() -> None:
    random = np.random.default_rng(3)
    sure = random.uniform(0.34, 1, 200).round(2)  # many are equally sure
    hits = random.uniform(size=200) < sure
    curve = risk_coverage(sure.tolist(), hits.tolist())
    precision, _, thresholds = precision_recall_curve(hits, sure)
    theirs = {round(float(t), 2): 1 - p for t, p in zip(thresholds, precision, strict=False)}
    for point in curve:
        assert point.risk == pytest.approx(theirs[round(point.confidence, 2)])
        assert point.coverage == pytest.approx(np.mean(sure >= point.confidence))
    assert curve[-1].coverage == 1
    assert area_under(curve) < curve[-1].risk  # who is sure is more often right


def test_the_area_of_four_answers_by_hand() -> None:
    curve = risk_coverage([0.9, 0.8, 0.8, 0.5], [True, False, True, False])
    assert [(p.coverage, p.risk) for p in curve] == [
        (0.25, 0),
        (0.75, pytest.approx(1 / 3)),
        (1, 0.5),
    ]
    assert area_under(curve) == pytest.approx(0.25 * 0 + 0.5 / 3 + 0.25 * 0.5)
    assert area_under(risk_coverage([], [])) == 0
