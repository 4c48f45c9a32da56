"""What is ranked first is measured elsewhere, and held against a sample drawn before."""

from __future__ import annotations

import argparse

import numpy as np
import pytest

from benchmarks.separating.__main__ import Pair, edited_words, flags, lifts, looked
from hera.data import Question
from hera.evaluation.stats import leaves_out_zero, means_apart_ci95
from tests.doubles.engine import FakeEngine

ABSTRACT = "Pain was significantly higher with it. Not all slept more. No harm was common."
QUESTIONS = [Question(str(i), f"Question {i}?", (ABSTRACT,), "", "yes") for i in range(60)]


def likelihood(variant: str, prompt: str, label: str) -> float:
    """The reader leaves the base on every fifth question, and where pain was lower."""
    number = int(prompt.split("Question ")[1].split("?")[0])
    leaves = variant == "reader" and (number % 5 == 0 or "lower" in prompt)
    return -0.1 if label == (" no" if leaves else " yes") else -3.0


@pytest.fixture
def args() -> argparse.Namespace:
    return flags().parse_args(["--edited", "10", "--random", "20"])


@pytest.fixture
def pair() -> Pair:
    engine = FakeEngine({"base": "Yes.", "reader": "No. It did not."}, likelihood)
    return Pair(engine, ("base", "reader"), QUESTIONS)


def test_what_separates_is_found_and_its_lift_told(pair: Pair, args: argparse.Namespace) -> None:
    top, drawn = looked(pair, args)
    assert all(int(one.id) % 5 == 0 and one.differ and one.free for one in top)
    assert len(top) == 10
    assert len(drawn) == 20
    words = [one for one in edited_words(pair, args) if int(one.id) % 5]
    assert {one.best for one in words} == {"higher -> lower"}
    assert all(one.differ and one.random_differ < 0.5 for one in words)
    found = {lift.measure: lift for lift in lifts(top, drawn, words, args.seed)}
    differ = found["questions, answers that differ under lm-eval"]
    assert differ.chosen == 1
    assert leaves_out_zero(differ.difference_ci95)
    free = found["questions, free answers that decide otherwise"]  # they always do
    assert (free.chosen, free.random, free.difference_ci95) == (1, 1, (0, 0))


def test_no_interval_of_too_few() -> None:
    assert means_apart_ci95(np.ones(9), np.ones(50), 0) is None
