"""The reasoning questions: complete, one right answer each, and nothing to guess by."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable

import pytest

from hera.data import Choice, load_choices
from hera.evaluation.choices.asking import REASONING, refers


@pytest.fixture(scope="module")
def choices() -> list[Choice]:
    return load_choices(str(REASONING))


def test_ten_topics_of_at_least_fifteen(choices: list[Choice]) -> None:
    topics = Counter(choice.topic for choice in choices)
    assert len(choices) >= 150
    assert len(topics) == 10
    assert min(topics.values()) >= 15


def test_every_question_has_a_reason(choices: list[Choice]) -> None:
    rows = [json.loads(line) for line in REASONING.read_text(encoding="utf-8").splitlines()]
    assert all(len(row["rationale"]) > 20 and "\n" not in row["rationale"] for row in rows)
    assert [row["id"] for row in rows] == [choice.id for choice in choices]


def test_no_question_and_no_option_twice(choices: list[Choice]) -> None:
    assert len({choice.question.casefold() for choice in choices}) == len(choices)
    for choice in choices:
        assert len({option.casefold().strip(" .") for option in choice.options}) == 4, choice.id


def test_no_option_leans_on_its_neighbours(choices: list[Choice]) -> None:
    assert [choice.id for choice in choices if refers(choice)] == []


def test_the_right_options_are_spread_evenly(choices: list[Choice]) -> None:
    places = Counter(choice.answer for choice in choices)
    assert max(places.values()) - min(places.values()) <= 1
    for topic in {choice.topic for choice in choices}:
        here = Counter(choice.answer for choice in choices if choice.topic == topic)
        assert max(here.values()) <= len(list(here.elements())) / 3


@pytest.mark.parametrize("extreme", [max, min])
def test_length_gives_nothing_away(
    choices: list[Choice], extreme: Callable[[list[int]], int]
) -> None:
    """Guessing the longest, or the shortest, option is no better than chance; ties are drawn."""
    score = 0.0
    for choice in choices:
        lengths = [len(option) for option in choice.options]
        at = [i for i, length in enumerate(lengths) if length == extreme(lengths)]
        score += (choice.answer in at) / len(at)
    assert score / len(choices) <= 0.25


def test_right_and_wrong_options_are_of_the_same_length(choices: list[Choice]) -> None:
    right = [len(choice.options[choice.answer]) for choice in choices]
    every = [len(option) for choice in choices for option in choice.options]
    assert sum(right) / len(right) == pytest.approx(sum(every) / len(every), rel=0.05)
