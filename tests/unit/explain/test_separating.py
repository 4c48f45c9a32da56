"""How far variants are apart, and which words set them apart."""

from __future__ import annotations

import math

import numpy as np
import pytest

from hera.evaluation.scoring import Scored
from hera.explain.sentences import sentences
from hera.explain.separating import by_edits, divergence, edited, edits, ranked, tried
from tests.doubles.engine import FakeEngine

SURE, OPEN = [0.0, -50.0, -50.0], [0.0, 0.0, 0.0]
PARTS = sentences("Not all slept. Pain was significantly higher with it. We saw no harm.")


def test_divergence_by_hand() -> None:
    other = [-50.0, 0.0, -50.0]
    found = divergence(np.array([[SURE, SURE, OPEN], [SURE, other, OPEN]]))
    assert found == pytest.approx([0, math.log(2), 0], abs=1e-9)
    mixed = divergence(np.array([[SURE], [OPEN]]))[0]
    mean = np.array([2 / 3, 1 / 6, 1 / 6])
    by_hand = -(mean * np.log(mean)).sum() - math.log(3) / 2
    assert mixed == pytest.approx(by_hand)


def test_what_they_differ_on_comes_first() -> None:
    def one(name: str, base: float) -> Scored:
        rows = {"a": {"yes": 0.0, "no": -9.0, "maybe": -9.0}}
        rows["b"] = {"yes": base, "no": 0.0, "maybe": -9.0}
        return Scored(id=name, gold="yes", pred={}, logprobs=rows)

    found = ranked([one("same", 9.0), one("far", -9.0), one("near", 0.0)], ["a", "b"])
    assert [scored.id for scored, _ in found] == ["far", "near", "same"]


def test_one_word_goes_and_all_else_stays() -> None:
    made = {"".join(edited(PARTS, edit)) for edit in edits(PARTS)}
    assert made == {
        "All slept. Pain was significantly higher with it. We saw no harm.",
        "Not some slept. Pain was significantly higher with it. We saw no harm.",
        "Not all slept. Pain was higher with it. We saw no harm.",
        "Not all slept. Pain was significantly lower with it. We saw no harm.",
        "Not all slept. Pain was significantly higher without it. We saw no harm.",
        "Not all slept. Pain was significantly higher with it. We saw harm.",
    }


def test_the_edit_that_only_one_reader_sees_is_named() -> None:
    def reads(variant: str, prompt: str, label: str) -> float:
        sees = variant == "reader" and "higher" not in prompt
        return -0.1 if label == (" no" if sees else " yes") else -3.0

    engine = FakeEngine({"base": "", "reader": ""}, reads)
    some = edits(PARTS)
    found = tried(engine, PARTS, "Is it bad?", engine.variants, some)
    assert found[0].divergence == pytest.approx(0)
    assert found[0].answers == ("yes", "yes")
    edit, apart = next(by_edits(some, found))
    assert (edit.word, edit.instead, apart.answers) == ("higher", "lower", ("yes", "no"))
