"""What HERA says of itself, or what the operator's hera.toml says in its place."""

from __future__ import annotations

import re

from hera.config.file import Own, spoken
from hera.refs import BASES, Ref
from hera.ui.language import SPOKEN, language
from hera.ui.words import LANGUAGES, WORDS, Words

# What Markdown would make something of, but for bold, lists and code: no image is fetched.
_MARKUP = re.compile(r"([\\\[\]<>&_#|~$!])")


def title(own: Own) -> str:
    """What the demo is called, and what the browser's tab says."""
    return spoken(own.name, language()) or WORDS.page.title


def description(own: Own) -> str:
    """The line that says what this is, as plain text."""
    return spoken(own.description, language()) or WORDS.page.intro.strip().partition("\n")[2]


def intro(own: Own) -> str:
    """The heading and the line under it, as Markdown."""
    return f"# {_markdown(title(own))}\n{_markdown(description(own))}"


def disclaimer(own: Own) -> str:
    """What stands above everything, as Markdown: that this is no medical device, whatever else."""
    said = spoken(own.disclaimer, language())
    if said is None:
        return WORDS.page.disclaimer
    plain = WORDS.page.no_device.strip("*.").lower()
    return _markdown(said) if plain in said.lower() else f"{WORDS.page.no_device} {_markdown(said)}"


def examples(own: Own, model: Ref) -> tuple[str, ...]:
    """Messages that the model served has an answer to."""
    given = spoken(own.examples, language())
    words = _read_by(model).chat
    return given or (words.embedded_examples if model.is_embedded else words.examples)


def question(own: Own, model: Ref) -> str:
    """What stands in a box for one question before somebody writes there."""
    given = spoken(own.examples, language())
    return given[0] if given else _read_by(model).compare.example


def abstract(model: Ref) -> tuple[str, str]:
    """An abstract and a question about it, of this project's own writing."""
    words = _read_by(model).abstract
    return words.example.strip(), words.example_question


def _read_by(model: Ref) -> Words:
    """The words that a model can be asked in: what HERA ships reads English alone."""
    return LANGUAGES[SPOKEN[0]] if model.text in BASES else WORDS


def _markdown(text: str) -> str:
    return _MARKUP.sub(r"\\\1", text)
