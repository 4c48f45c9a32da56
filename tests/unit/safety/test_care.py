"""Whom to call, by country; and when an answer is held back."""

from __future__ import annotations

import re

import pytest

from hera.safety.care import calls, care
from hera.safety.numbers import by_country, checked, dialled
from hera.ui.language import SPOKEN

CRISIS = "I want to kill myself"


def test_every_country_can_be_called() -> None:
    assert re.fullmatch(r"\d{4}-\d\d", checked())
    assert len(by_country()) >= 35
    for code, numbers in by_country().items():
        assert re.fullmatch("[A-Z]{2}", code)
        assert set(numbers.names) == set(SPOKEN), code
        lines = [*numbers.crisis, *([numbers.poison] if numbers.poison else [])]
        assert all(line.number or line.text for line in lines), code
        assert all(each.startswith("https://") for each in (numbers.source, *map(_source, lines)))
        for number in (*numbers.emergency, *(line.number for line in lines if line.number)):
            assert re.fullmatch(r"[*+]?\d{2,}", dialled(number)), number
        for language in SPOKEN:
            told = care([CRISIS], language, code)
            assert told.notice.count(f"**{numbers.emergency[0]}**") == 1
            hrefs = [each.href for each in calls(numbers, told.parts, language)]
            assert hrefs[0] == f"tel:{numbers.emergency[0]}"
            assert (
                any(line.number for line in numbers.crisis) or "https://findahelpline.com" in hrefs
            )


def _source(line: object) -> str:
    return str(vars(line)["source"])


def test_an_overdose_has_the_poison_centre_and_is_held_back_where_it_is_meant() -> None:
    meant = care(["I took 40 pills because I want to die"], "en", "us")
    assert (meant.level, meant.country, meant.held_back) == ("emergency", "US", True)
    assert "1-800-222-1222" in meant.notice.split("\n\n")[0]
    by_mistake = care(["My toddler drank bleach"], "en", "US")
    assert (by_mistake.level, by_mistake.held_back) == ("emergency", False)
    assert "988" not in by_mistake.notice


@pytest.mark.parametrize(
    ("messages", "held"),
    [
        (["What is asthma?"], False),
        ([CRISIS], True),
        ([CRISIS, "Thank you. What is asthma?"], False),
        ([CRISIS, "How many sleeping pills can I take?"], True),
        (["How much ibuprofen can I take?"], False),
        ([CRISIS, "My father's face droops and he cannot speak"], False),
        ([], False),
    ],
)
def test_what_is_held_back_in_a_conversation(messages: list[str], held: bool) -> None:
    told = care(messages, "en", "XX")
    assert (told.held_back, bool(told.held)) == (held, held)
    assert told.country == ""
    assert (CRISIS not in messages) or told.urgent  # the notice stays
