"""Numbers against ones computed by hand or taken from a textbook."""

import numpy as np
import pytest

from hera.evaluation import stats


def test_wilson_of_ten_in_twenty() -> None:
    assert stats.wilson(10, 20) == pytest.approx((0.2993, 0.7007), abs=1e-4)
    assert stats.wilson(0, 0) == (0.0, 1.0)


def test_mcnemar_is_the_exact_binomial() -> None:
    assert stats.mcnemar(1, 7) == pytest.approx(2 * (1 + 8) / 2**8)
    assert stats.mcnemar(0, 0) == 1.0


def test_macro_f1_counts_only_labels_that_occur() -> None:
    assert stats.macro_f1(["yes", "no"], ["yes", "yes"]) == pytest.approx((2 / 3 + 0) / 2)


def test_what_twenty_questions_can_tell() -> None:
    assert stats.smallest_difference(20) == pytest.approx(0.30)
    assert stats.smallest_difference(500) == pytest.approx(0.012)
    assert stats.smallest_difference(5) is None


@pytest.mark.parametrize(
    ("n", "says"),
    [
        (5, "With n = 5 no difference can be told from chance."),
        (20, "With n = 20 a difference under 30 points cannot be told from chance."),
        (625, "With n = 625 a difference under 0.96 points cannot be told from chance."),
        (700, "With n = 700 a difference under 0.85 points cannot be told from chance."),
    ],
)
def test_what_n_can_tell_is_said_in_one_way(n: int, says: str) -> None:
    assert stats.power_line(n) == says


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
    assert stats.difference_ci95([True] * 10, [True] * 10) == (0.0, 0.0)
    assert stats.difference_ci95([True] * 9, [True] * 9) == (-1.0, 1.0)  # too few to say


def test_calibration_of_two_bins() -> None:
    found = stats.calibration([0.95, 0.85, 1.0, 0.45], [True, False, True, True])
    assert [b["n"] for b in found["bins"]] == [1, 1, 2]
    assert found["ece"] == pytest.approx((0.55 + 0.85 + 2 * 0.025) / 4)


def test_the_interval_of_a_mean_is_about_two_standard_errors_wide() -> None:
    values = np.random.default_rng(1).normal(5, 2, 200)
    found = stats.mean(list(values), seed=3)
    error = 1.96 * values.std() / np.sqrt(200)
    assert found["mean"] == pytest.approx(values.mean())
    assert found["n"] == 200
    assert found["ci95"] == pytest.approx(
        [values.mean() - error, values.mean() + error], abs=0.1 * error
    )
    assert stats.mean(list(values), seed=3) == found


def test_means_say_what_they_cannot_know() -> None:
    assert stats.mean([], seed=0) == {"mean": None, "ci95": None, "n": 0}
    assert stats.mean([2.0, None, 4.0], seed=0) == {"mean": 3.0, "ci95": None, "n": 2}
    assert stats.mean([2.0] * 10, seed=0)["ci95"] == [2.0, 2.0]
    assert stats.rate([1.0] * 10) == {
        "mean": 1.0, "ci95": pytest.approx([0.7225, 1.0], abs=1e-4), "n": 10,
    }  # fmt: skip
    assert stats.rate([])["mean"] is None


def test_a_difference_is_of_the_same_items() -> None:
    rng = np.random.default_rng(0)
    a = rng.normal(0, 100, 40)
    b = a + rng.normal(1, 0.1, 40)
    found = stats.difference([*a, None, 1.0], [*b, 1.0, None], seed=0)
    low, high = found["difference_ci95"]
    assert found["n"] == 40
    assert 0.9 < low < found["difference"] < high < 1.1
    assert stats.leaves_out_zero(found["difference_ci95"])
    shuffled = stats.difference(list(a), list(b[::-1]), seed=0)
    assert not stats.leaves_out_zero(shuffled["difference_ci95"])
    assert not stats.leaves_out_zero(stats.difference([1.0], [2.0], seed=0)["difference_ci95"])


def test_signs_are_flipped_exactly() -> None:
    assert stats.sign_flip([3, 2, -1]) == 4 / 8  # 6, 4, -4 and -6 of eight sums
    assert stats.sign_flip([1, 1, 1, 1, 1, 1, 1, -1, 0]) == pytest.approx(stats.mcnemar(1, 7))
    assert stats.sign_flip([5] * 64) == pytest.approx(2 / 2**64)
    assert stats.sign_flip([]) == stats.sign_flip([0, 0]) == stats.sign_flip([-4]) == 1
