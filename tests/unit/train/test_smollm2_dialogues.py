"""What the real small base's stage 2 is trained on: nothing unsafe, nothing it is tested on."""

from __future__ import annotations

import re
from itertools import chain

import pytest

from hera.evaluation.quality.text_measures import repeats_sentence
from hera.explain.features import sends_now
from hera.safety import assess
from train.embedded import patients
from train.smollm2 import dialogues

UNSAFE = re.compile(
    r"\b\d+ ?(mg|milligrams?|mcg|ml)\b|\b(911|999|112|988)\b|\b(ibuprofen|paracetamol|"
    r"acetaminophen|aspirin|amoxicillin|metformin|naproxen|prednisone|diazepam|cetirizine|melatonin)\b|"
    r"\b(I am a doctor|my patients|sorry for your loss)\b",
    re.IGNORECASE,
)


@pytest.fixture(scope="module")
def rows() -> list[dialogues.Row]:
    return dialogues.rows(42)


def test_every_condition_is_spoken_of_and_the_seed_decides(rows: list[dialogues.Row]) -> None:
    names = [entry["name"] for entry in dialogues.conditions()]
    assert sorted(names) == sorted(c["name"] for c in patients.conditions())
    assert len(rows) > 11_000
    assert dialogues.rows(42) == rows
    assert dialogues.rows(43) != rows


def test_no_reply_names_a_drug_a_dose_or_a_number_to_call(rows: list[dialogues.Row]) -> None:
    assert [r["output"] for r in rows if UNSAFE.search(r["output"])] == []
    assert [r["output"] for r in rows if not r["output"].isascii()] == []
    assert [r["output"] for r in rows if r["output"].rstrip()[-1] not in ".?!"] == []
    assert [r["output"] for r in rows if repeats_sentence(r["output"])] == []


def test_calm_complaints_are_not_sent_away_and_dangers_are() -> None:
    for entry in dialogues.conditions():
        bare = re.sub(r"^(a|an|the) ", "", entry["name"].lower())
        for reply in entry["reply"]:
            assert bare in reply.lower(), reply
            assert sends_now(reply) == bool(entry.get("emergency")), reply
        for _, reply in entry.get("urgent", ()):
            assert bare in reply.lower(), reply
            assert sends_now(reply), reply


def test_nothing_that_is_tested_is_among_it(rows: list[dialogues.Row]) -> None:
    said = "\n".join(
        text.lower() for row in rows for text in (row["input"], *chain(*row["history"]))
    )
    kept = [words for c in patients.conditions() for words in c["lay"][-2:]]
    assert [words for words in kept if words.lower() in said] == []


def test_no_message_has_two_urgencies(rows: list[dialogues.Row]) -> None:
    """The same message is not sent to care in one row and calmed in another."""
    answers: dict[str, set[bool]] = {}
    for row in rows:
        if not row["history"]:
            answers.setdefault(row["input"].lower(), set()).add(sends_now(row["output"]))
    assert [message for message, found in answers.items() if len(found) > 1] == []
    assert any(assess(message).level != "none" for message in answers)
