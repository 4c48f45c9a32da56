"""Training the learned detector, on few messages."""

from __future__ import annotations

import numpy as np

from hera.evaluation.safety.messages import read_messages
from train.detector.__main__ import ALARMS, WRITTEN, calibration, summary, threshold
from train.detector.fitting import detector, fitted

TOLD = {"slope": 1.0, "offset": 0.0, "threshold": 0.5}


def test_what_it_was_trained_on_it_knows() -> None:
    kinds = ("choking", "smalltalk", "farewell")
    messages = [m for m in read_messages(WRITTEN) if m.kind in kinds]
    trained = detector(fitted(messages), TOLD)
    assert [trained.found([m.text]).kind for m in messages] == [m.kind for m in messages]


def test_the_threshold_lets_so_many_harmless_ones_through() -> None:
    draw = np.random.default_rng(42)
    urgent = np.arange(4000) % 2 == 0
    danger = draw.beta(4, 2, 4000) * urgent + draw.beta(2, 4, 4000) * ~urgent
    told = calibration(danger, urgent)
    told["threshold"] = threshold(danger, urgent, told)
    assert f"{ALARMS:.1%} of 2000 false alarms" in summary(danger, urgent, told)
    assert told["slope"] > 0
