"""The learned detector: what it finds that the rules miss, and what never lowers a level."""

from __future__ import annotations

import itertools
import logging
import tracemalloc
from collections.abc import Iterator
from pathlib import Path

import pytest

from hera.safety import assess, learned
from hera.safety.details import readings
from hera.safety.learned import classes, detector

ORDER = ("none", "crisis", "emergency")
URGENT = [
    (
        "gran's talking gibberish and dropped her cup twice, one half of her smile is gone",
        "emergency",
    ),
    ("He swallowed the little round battery from the car key and is dribbling", "emergency"),
    ("my baby is floppy and grey and will not feed", "emergency"),
    ("my head hurts and my neck is stiff", "emergency"),
    ("my stomach hurts so badly i cannot stand", "emergency"),
    ("me duele la pierna y me falta el aire", "emergency"),
    ("everyone would be better off without me, I wrote the letters already", "crisis"),
    ("i wanna unalive myself", "crisis"),
    ("Mi abuelo tiene la boca torcida y no puede levantar el brazo", "emergency"),
    ("me duele mucho el pecho y me corre por el brazo, estoy sudando frío", "emergency"),
    ("ya no quiero vivir, todos estarían mejor sin mí", "crisis"),
]
HARMLESS = [
    "This homework is killing me, how do I sleep better before exams?",
    "Which vaccines does a six year old need before school?",
    "Is it fine to take ibuprofen with food?",
    "What is the difference between a stroke and a heart attack?",
    "¿Qué puedo comer para bajar el colesterol?",
    "My cholesterol is 180, is that normal?",
    "Hola, gracias por tu ayuda",
]
DETAILS = (
    "now",
    "tonight",
    "with pills",
    "30 mg",
    "with a rope",
    "I'm 12 years old",
    "ahora mismo",
)


@pytest.mark.parametrize(("text", "level"), URGENT)
def test_what_is_put_in_other_words_is_found(text: str, level: str) -> None:
    found = assess(text)
    assert found.level == level
    assert found.learned is not None
    assert classes()[found.learned.kind]["level"] == level


@pytest.mark.parametrize("text", HARMLESS)
def test_everyday_messages_get_no_urgent_notice(text: str) -> None:
    assert assess(text).level == "none"


def placed(text: str, detail: str) -> Iterator[str]:
    """The detail before, after and in the middle of a message."""
    words = text.split()
    for place in (0, len(words) // 2, len(words)):
        yield " ".join([*words[:place], detail, *words[place:]])


def test_a_method_a_dose_a_child_or_a_time_lowers_no_level() -> None:
    texts = [text for text, _ in URGENT] + HARMLESS
    lowered = [
        (longer, before, after)
        for text, detail in itertools.product(texts, DETAILS)
        for longer in placed(text, detail)
        if ORDER.index(after := assess(longer).level) < ORDER.index(before := assess(text).level)
    ]
    assert lowered == []


def test_a_message_of_details_alone_is_read_in_few_ways() -> None:
    told = list(readings("now 1 2 3 4 5 6 7 8 9 tonight today " * 50))
    assert len(told) == 17


def test_without_its_file_the_rules_stand_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    broken = tmp_path / "detector.safetensors"
    broken.write_bytes(b"no weights")
    monkeypatch.setattr(learned, "FILE", broken)
    detector.cache_clear()
    try:
        with caplog.at_level(logging.WARNING):
            assert assess("I want to kill myself").level == "crisis"
            assert assess("Mi abuelo tiene la boca torcida").learned is None
        assert "the rules stand alone" in caplog.text
    finally:
        detector.cache_clear()


def test_a_message_takes_no_copy_of_the_weights() -> None:
    """One of 12 MiB for each message left the app's memory growing for minutes."""
    shipped = detector()
    assert shipped is not None
    shipped.found(["warm up"])
    tracemalloc.start()
    try:
        shipped.found(["My knee has been sore since the weekend"])
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 2 * 2**20
