"""Text as HTML: what is markup in an answer, and that all else is shown letter by letter."""

from __future__ import annotations

import html
import re

import pytest

from hera.ui.components.written import as_written, filled, marked_up

LITERAL = [
    "a < b & c",
    "&lt; &amp; &#60;",
    "<b>x</b> <img src=x onerror=alert(1)> <script>alert(1)</script> <details>",
    "[a](javascript:alert(1)) ![a](http://example.org/a.png) <http://example.org>",
    "# one\n## two\n> three\n---\n| a | b |\n|---|---|",
    "snake_case __init__ _so_",
    "2*3*4, 2**3**4, p*<0.05, **a",
    "\\*a\\* \\`b\\` \\\\ C:\\new",
    "$x$ $$y$$ \\(z\\)",
    "two  spaces\n  and an indent",
    "`",
]


def shown(markup: str) -> str:
    """The text that a browser shows of it, tags aside."""
    return html.unescape(re.sub(r"<[^>]*>", "", markup)).strip()


@pytest.mark.parametrize("text", LITERAL)
def test_what_is_no_markup_stays_as_it_is(text: str) -> None:
    assert marked_up(text).strip() == as_written(text) == f'<p dir="auto">{html.escape(text)}</p>'


@pytest.mark.parametrize("text", ["**a** `b`", "- a\n- b", "```\na\n```"])
def test_a_visitors_markup_is_none(text: str) -> None:
    assert shown(as_written(text)) == text


def test_an_answer_keeps_bold_lists_and_code() -> None:
    assert marked_up("**a < b** `c & d`").strip() == (
        '<p dir="auto"><strong>a &lt; b</strong> <code>c &amp; d</code></p>'
    )
    assert re.findall(r"<(?!/)(\w+)", marked_up("- a\n- b\n  1. c")) == [
        *("ul", "li", "p", "li", "p", "ol", "li", "p")
    ]
    assert marked_up("```py <b>\na < b\n```") == (
        '<pre dir="auto"><small>py &lt;b&gt;</small>\n<code>a &lt; b\n</code></pre>\n'
    )


def test_stars_that_slant_stay_in_sight() -> None:
    assert "<em>*so*</em>" in marked_up("just *so*")


def test_a_list_keeps_its_numbers() -> None:
    assert re.findall(r"'(.*?) '", marked_up("3) a\n07) b\n5) c")) == ["3)", "07)", "5)"]


def test_what_is_filled_into_a_text_of_the_screens_is_no_markup() -> None:
    said = filled("**Ready**: `{model}` with {names}.", model="a`*b*`<i>", names="**c** {d}")
    assert said.strip() == (
        '<p dir="auto"><strong>Ready</strong>: <code>a`*b*`&lt;i&gt;</code> with **c** {d}.</p>'
    )
