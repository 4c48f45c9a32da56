"""Batches of similar length."""

from __future__ import annotations

from hera.engine.batches import length_sorted_batches


def test_batches_hold_every_row_once_within_the_budget() -> None:
    lengths = [5, 100, 7, 40, 33, 2, 90]
    batches = list(length_sorted_batches(lengths, budget=100))
    assert sorted(i for batch in batches for i in batch) == list(range(len(lengths)))
    assert all(max(lengths[i] for i in b) * len(b) <= 100 for b in batches)
