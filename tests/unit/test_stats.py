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
