"""Conversations that a browser keeps: their titles, and what is taken of what somebody sends."""

from __future__ import annotations

import copy
import json
from typing import Any

import pytest

from hera.errors import InputError
from hera.ui.history import MOST, MOST_LETTERS, First, fresh_name, kept, opened, read, title_of

ASKED: dict[str, Any] = {"role": "user", "content": "What helps?"}
SAID: dict[str, Any] = {
    "role": "assistant",
    "content": "Rest.",
    "shown": 0,
    "answers": [{"variant": "stage2", "content": "Rest.", "tokens": 2, "ended": "stop"}],
}
ONE: dict[str, Any] = {
    "id": "0123456789abcdef",
    "title": "What helps?",
    "when": "2026-11-27T23:00:07.123Z",
    "model": "embedded",
    "turns": [ASKED, SAID],
}


def exported(*conversations: object) -> str:
    return json.dumps({"hera": "conversations", "conversations": conversations})


def changed(path: str, value: Any) -> dict[str, Any]:
    """A conversation with another value at "a.b.c"; None takes the key away."""
    found: Any = copy.deepcopy(ONE)
    *way, last = [int(k) if k.isdigit() else k for k in path.split(".")]
    place = found
    for key in way:
        place = place[key]
    if value is None:
        del place[last]
    else:
        place[last] = value
    return found  # type: ignore[no-any-return]


@pytest.mark.parametrize(
    ("message", "title"),
    [
        ("What helps?", "What helps?"),
        ("  My  knee\nhurts ", "My knee hurts"),
        ("a" * 60, "a" * 60),
        ("a" * 61, "a" * 60 + "…"),
        ("pain " * 20, " ".join(["pain"] * 12) + " …"),
    ],
)
def test_a_title_is_the_first_words(message: str, title: str) -> None:
    assert title_of([{"role": "user", "content": message}, SAID]) == title


def test_what_is_kept_holds_the_turns_as_they_are() -> None:
    turns = [ASKED, {**SAID, "anything": [1, {"else": None}]}]
    found = kept(turns, "ab12", "m" * 300)
    assert found == {"id": "ab12", "title": "What helps?", "model": "m" * 200, "turns": turns}
    assert kept([], "ab12", "m") is None


def test_the_first_name_stays_and_every_other_is_another() -> None:
    first = First()
    assert first.name == first.name
    assert len({first.name, First().name, fresh_name(), fresh_name()}) == 4
    copied = copy.deepcopy(First())
    assert opened({**ONE, "id": copied.name}).id == copied.name


def test_an_export_comes_back_without_what_is_not_known() -> None:
    odd = {**ONE, "colour": "red", "turns": [{**ASKED, "onclick": "x"}, SAID]}
    odd["turns"][1] = {**SAID, "answers": [{**SAID["answers"][0], "likes": 3}]}
    assert read("a.json", exported(odd, ONE)) == [ONE, ONE]
    assert read("a.json", exported()) == []
    assert opened(odd).plain() == ONE


@pytest.mark.parametrize(
    ("path", "value", "named"),
    [
        ("id", "../../x", "id"),
        ("title", "", "title"),
        ("title", "t" * 201, "title"),
        ("when", "yesterday", "when"),
        ("when", None, "when"),
        ("model", 7, "model"),
        ("turns", [], "turns"),
        ("turns.0.role", "system", "turns.1.role"),
        ("turns.1.content", None, "turns.2.content"),
        ("turns.1.content", ["Rest."], "turns.2.content"),
        ("turns.1.answers.0.ended", "tired", "turns.2.answers.1.ended"),
        ("turns.1.answers.0.tokens", "2", "turns.2.answers.1.tokens"),
        ("turns.1.shown", 1, "turns.2"),
        ("turns.1.role", "user", ""),
    ],
)
def test_what_is_of_another_shape_is_refused_in_a_line(path: str, value: Any, named: str) -> None:
    bad = changed(path, value)
    key = f"conversations.2{'.' if named else ''}{named}"
    said = f"a.json: no conversations that HERA exported, because of {key}."
    with pytest.raises(InputError) as refused:
        read("a.json", exported(ONE, bad))
    assert str(refused.value) == said
    with pytest.raises(InputError, match="This conversation cannot be read"):
        opened(bad)


@pytest.mark.parametrize(
    "text", ["", "[", "[]", "null", '{"hera": "conversations"}', exported(ONE)[:-1], "[" * 100_000]
)
def test_other_files_are_refused(text: str) -> None:
    with pytest.raises(InputError, match=r"a\.json: no conversations that HERA exported"):
        read("a.json", text)


def test_more_than_a_browser_keeps_is_refused() -> None:
    assert len(read("a.json", exported(*[ONE] * MOST))) == MOST
    with pytest.raises(InputError, match="because of conversations"):
        read("a.json", exported(*[ONE] * (MOST + 1)))
    with pytest.raises(InputError, match="larger than the 2000000 characters"):
        read("a.json", " " * (MOST_LETTERS + 1))
