"""A language's file holds every text of the screens, with the fields that are filled in."""

from __future__ import annotations

from collections.abc import Iterator
from string import Formatter
from typing import Any

import pytest
from pydantic import ValidationError

from hera.evaluation.safety.rules import load_rules
from hera.explain.features import FEATURES
from hera.ui.language import SPOKEN
from hera.ui.words import Words, read


def test_the_file_is_whole() -> None:
    assert Words.model_validate(read("en")).chat.send == "Send"


def test_everything_that_rules_see_in_an_answer_has_a_name_on_the_screen() -> None:
    features = Words.model_validate(read("en")).luck.features
    # In English the endpoint says the same.
    assert {n: f.about for n, f in features.items()} == {f.name: f.definition for f in FEATURES}
    texts = read("en")
    del texts["luck"]["features"]["asks back"]
    with pytest.raises(ValidationError, match=r"luck\.features"):
        Words.model_validate(texts)


def test_a_rule_says_on_the_screen_what_it_says_in_the_file() -> None:
    rules = Words.model_validate(read("en")).bench.rules
    assert rules == {name: rule.means for name, rule in load_rules().items()}


def test_a_text_that_is_missing_is_named() -> None:
    texts = read("en")
    del texts["chat"]["send"]
    with pytest.raises(ValidationError, match=r"chat\.send"):
        Words.model_validate(texts)


def test_a_text_that_nobody_shows_is_named() -> None:
    texts = read("en")
    texts["chat"]["sned"] = "Send"
    with pytest.raises(ValidationError, match=r"chat\.sned"):
        Words.model_validate(texts)


@pytest.mark.parametrize("text", ["{tokns} tokens, {rate:.1f}, {ending}", "{tokens} tokens", "{}"])
def test_a_field_that_nobody_fills_in_is_named(text: str) -> None:
    texts = read("en")
    texts["compare"]["numbers"] = text
    with pytest.raises(ValidationError, match=r"compare\.numbers"):
        Words.model_validate(texts)


@pytest.mark.parametrize("language", SPOKEN[1:])
def test_every_language_fills_its_fields_in_as_english_does(language: str) -> None:
    there = dict(formats(read(language)))
    assert {name: there[name] for name, _ in formats(read("en"))} == dict(formats(read("en")))


def formats(texts: Any, name: str = "") -> Iterator[tuple[str, set[tuple[str, str]]]]:
    """Every text that is filled in, by its name, with the fields and how they are to look."""
    if isinstance(texts, str):
        if name not in ("errors.answers", "errors.history"):  # braces that are none
            yield name, {(f, spec or "") for _, f, spec, _ in Formatter().parse(texts) if f}
        return
    inner = texts.items() if isinstance(texts, dict) else enumerate(texts)
    for key, value in inner:
        yield from formats(value, f"{name}.{key}".lstrip("."))
