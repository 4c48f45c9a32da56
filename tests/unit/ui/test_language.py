"""Which language a visitor is spoken to in."""

from __future__ import annotations

import gradio as gr
import pytest

from hera.safety import assess
from hera.ui.bilingual import Bilingual, in_every_language
from hera.ui.language import SPOKEN, language, speaking, wanted
from hera.ui.words import LANGUAGES, WORDS


@pytest.mark.parametrize(
    ("query", "accepted", "name"),
    [
        ("", "", "en"),
        ("", "es", "es"),
        ("", "es-MX,es;q=0.9,en;q=0.8", "es"),
        ("", "de,en;q=0.4,es;q=0.6", "es"),
        ("", "fr, en-GB;q=0.8, es;q=0.5", "en"),
        ("", "fr;q=x,*", "en"),
        ("es", "en", "es"),
        ("en", "es", "en"),
        ("xx", "es", "es"),
    ],
)
def test_the_address_decides_and_then_the_browser(query: str, accepted: str, name: str) -> None:
    assert wanted({"lang": query}, {"accept-language": accepted}) == name


def test_words_are_those_of_the_language_that_is_spoken() -> None:
    assert language() == "en"
    english = WORDS.chat.send
    with speaking("es"):
        assert WORDS.chat.send == LANGUAGES["es"].chat.send != english
    assert WORDS.chat.send == english


def test_notices_are_written_in_every_language() -> None:
    said = {name: assess("I want to kill myself", name) for name in SPOKEN}
    assert {found.level for found in said.values()} == {"crisis"}
    assert len({found.notice for found in said.values()}) == len(SPOKEN)


def test_screens_that_differ_in_more_than_texts_are_refused() -> None:
    def build() -> Bilingual:
        page = Bilingual(title=WORDS.page.title)
        with page:
            gr.Button(WORDS.chat.send) if language() == "en" else gr.Textbox()
        return page

    with pytest.raises(ValueError, match="other components"):
        in_every_language(build)
