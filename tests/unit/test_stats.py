"""Numbers against ones computed by hand or taken from a textbook."""

import pytest

from hera import stats
from hera.batches import length_sorted_batches


def test_wilson_of_ten_in_twenty() -> None:
    assert stats.wilson(10, 20) == pytest.approx((0.2993, 0.7007), abs=1e-4)
    assert stats.wilson(0, 0) == (0.0, 1.0)


def test_mcnemar_is_the_exact_binomial() -> None:
    assert stats.mcnemar(1, 7) == pytest.approx(2 * (1 + 8) / 2**8)
    assert stats.mcnemar(0, 0) == 1.0


def test_macro_f1_counts_only_labels_that_occur() -> None:
    assert stats.macro_f1(["yes", "no"], ["yes", "yes"]) == pytest.approx((2 / 3 + 0) / 2)


def test_batches_hold_every_row_once_within_the_budget() -> None:
    lengths = [5, 100, 7, 40, 33, 2, 90]
    batches = list(length_sorted_batches(lengths, budget=100))
    assert sorted(i for batch in batches for i in batch) == list(range(len(lengths)))
    assert all(max(lengths[i] for i in b) * len(b) <= 100 for b in batches)


def test_what_twenty_questions_can_tell() -> None:
    assert stats.smallest_difference(20) == pytest.approx(0.30)
    assert stats.smallest_difference(500) == pytest.approx(0.012)
    assert stats.smallest_difference(5) is None


def test_holm_steps_down() -> None:
    assert stats.holm([0.01, 0.04, 0.03]) == pytest.approx([0.03, 0.06, 0.06])
    assert stats.holm([0.9]) == [0.9]
    assert stats.holm([]) == []


def test_the_bootstrap_interval_is_near_the_normal_one_and_repeats() -> None:
    a, b = [True] * 60 + [False] * 40, [False] * 10 + [True] * 70 + [False] * 20
    low, high = stats.difference_ci95(a, b, seed=1)
    assert (low, high) == stats.difference_ci95(a, b, seed=1)
    spread = 1.96 * ((0.1 + 0.2 - 0.1**2) / 100) ** 0.5
    assert (low, high) == pytest.approx((0.1 - spread, 0.1 + spread), abs=0.02)
    assert stats.difference_ci95([True] * 3, [True] * 3) == (0.0, 0.0)


def test_calibration_of_two_bins() -> None:
    found = stats.calibration([0.95, 0.85, 1.0, 0.45], [True, False, True, True])
    assert [b["n"] for b in found["bins"]] == [1, 1, 2]
    assert found["ece"] == pytest.approx((0.55 + 0.85 + 2 * 0.025) / 4)
