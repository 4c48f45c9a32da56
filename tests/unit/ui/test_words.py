"""A language's file holds every text of the screens, with the fields that are filled in."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from hera.explain.features import FEATURES
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
