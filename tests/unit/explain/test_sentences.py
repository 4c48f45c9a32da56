"""Sentences as people write them, and what each is worth to an answer."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hera import load_engine
from hera.explain.sentences import answered, asks, influence, log_odds, sentences, without
from hera.prompts import LABEL_TEXTS
from tests.doubles.engine import FakeEngine

HARD = """We treated 40 adults, e.g. smokers, vs. placebo (see Fig. 2). Pain fell by 3.4 (95 % CI
1.2 to 3.4, p = 0.03). "It helped."
Smith et al. Agreed with J. Doe. E. coli was rare (P<.05). 12 died.

CONCLUSIONS: We gave vitamin C. Was it safe? Yes!"""
CUT = [
    "We treated 40 adults, e.g. smokers, vs. placebo (see Fig. 2).",
    "Pain fell by 3.4 (95 % CI\n1.2 to 3.4, p = 0.03).",
    '"It helped."',
    "Smith et al. Agreed with J. Doe.",
    "E. coli was rare (P<.05).",
    "12 died.",
    "CONCLUSIONS: We gave vitamin C.",
    "Was it safe?",
    "Yes!",
]
ABSTRACT = "We asked 40 adults. Pain was lower after walking. Nobody was hurt."
QUESTION = "Does walking lower pain?"


def test_dots_that_end_no_sentence() -> None:
    assert [part.strip() for part in sentences(HARD)] == CUT
    assert sentences(" \n ") == ()
    assert sentences("no dot at all") == ("no dot at all",)
    assert sentences("1. Walk. 2. Rest.") == ("1. Walk. ", "2. Rest.")


@given(st.text(alphabet="aB. \n1?)(,", max_size=60))
def test_nothing_is_lost(text: str) -> None:
    parts = sentences(text)
    assert "".join(parts) == (text if text.strip() else "")
    assert all(part.strip() for part in parts)


def reads(variant: str, prompt: str, label: str) -> float:
    """The base always says maybe; the reader says yes where pain was lower, and else no."""
    wanted = " maybe" if variant == "base" else " yes" if "Pain was lower" in prompt else " no"
    return -0.1 if label == wanted else -3.0


def test_the_one_sentence_that_decides_is_named() -> None:
    engine = FakeEngine({"base": "", "reader": ""}, reads)
    found = influence(engine, sentences(ABSTRACT), QUESTION, engine.variants)
    assert found.answers == ("maybe", "yes")
    assert found.turning == ((), (1,))
    both = -3.0 - np.log(np.exp(-0.1) + np.exp(-3.0))  # of what is not the answer any more
    worth = (-0.1 + 3.0 - np.log(2)) - both
    assert found.worths == pytest.approx(np.array([[0, 0, 0], [0, worth, 0]]), abs=1e-5)


def test_as_if_every_version_was_asked_by_itself() -> None:
    engine = load_engine("embedded", dtype="float32")  # in bfloat16 the neighbours round
    parts = sentences(ABSTRACT)
    found = influence(engine, parts, QUESTION, engine.variants)
    texts = [ABSTRACT, *(without(parts, place) for place in range(3))]
    alone = np.stack(
        [engine.label_logprobs([asks(text, QUESTION)], LABEL_TEXTS)[:, 0] for text in texts], axis=1
    )
    assert np.allclose(found.logprobs, alone[:, 0], atol=1e-4)
    assert np.allclose(found.left_out, alone[:, 1:], atol=1e-4)
    for row, name in enumerate(engine.variants):
        own = int(alone[row, 0].argmax())
        odds = log_odds(alone[row], own)
        assert found.worths[row] == pytest.approx(odds[0] - odds[1:], abs=1e-3), name
    first = answered(engine, parts, QUESTION, engine.variants)
    assert first.answers == found.answers
    assert first.worths.shape == (3, 0)
