"""Snapshots are taken where an adapter changes: often at first, seldom later, and at the end."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from train.snapshots import snapshot_steps


def test_each_comes_after_about_the_same_factor() -> None:
    assert snapshot_steps(1350, 8) == (14, 26, 50, 97, 188, 362, 699, 1350)
    assert snapshot_steps(12, 3) == (1, 2, 12)
    assert snapshot_steps(5, 8) == (1, 2, 3, 4, 5)


@given(st.integers(1, 5000), st.integers(1, 40))
def test_they_are_as_many_as_asked_or_as_there_are_steps(total: int, count: int) -> None:
    steps = snapshot_steps(total, count)
    assert len(steps) == min(total, count)
    assert steps[-1] == total
    assert all(0 < one < other for one, other in pairwise(steps))
