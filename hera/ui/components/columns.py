"""A comparison's columns: heading, answer, numbers and receipt of every variant, side by side."""

from __future__ import annotations

import html
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import gradio as gr

from hera.explain.comparison import Column, Comparison
from hera.explain.tokens import Parting, parting
from hera.types import BASE
from hera.ui.caring import HELD
from hera.ui.components.colours import colour, is_derived
from hera.ui.components.copying import ICON, copy_script
from hera.ui.components.notice import cautions_html
from hera.ui.components.tokens import coloured
from hera.ui.components.written import marked_up
from hera.ui.view import View
from hera.ui.words import WORDS

# A button says what it does in its data-act; a token in its data-place.
_SCRIPT = """
element.addEventListener("click", async event => {
  const button = event.target.closest("[data-act]");
  if (!button) return;
  const said = {...button.dataset};
  if (said.act === "copy") {
    await copyBy(button, button.closest("section").dataset.text);
  } else trigger(said.act === "token" ? "select" : "edit", said);
});
element.addEventListener("keydown", event => {
  if (!event.target.matches(".token") || !["Enter", " "].includes(event.key)) return;
  event.preventDefault(); event.target.click();
});
"""


@dataclass(frozen=True)
class Beside:
    """What stands beside the answers: the served variants, each column's receipt as HTML, and how
    many requests come first."""

    served: Sequence[str]
    receipts: Mapping[str, str] = field(default_factory=dict)
    ahead: int = 0


def columns(first: str) -> gr.HTML:
    """Where they are shown, as `columns_html` makes them, these `first`. `edit` tells of a button
    ({"act", "variant"}), `select` of a token ({"variant", "place"})."""
    words = WORDS.talk
    return gr.HTML(
        first,
        js_on_load=copy_script(words.copy_message, words.copied_message) + _SCRIPT,
        apply_default_css=False,
        elem_id="compare-columns",
        elem_classes="talk",
    )


def columns_html(
    names: Sequence[str], comparison: Comparison | None, view: View, beside: Beside
) -> str:
    """The columns of these variants, from left to right, as far as they are answered."""
    shown = []
    for place, name in enumerate(names):
        column = comparison.column(name) if comparison is not None else None
        base = comparison.column(BASE) if comparison is not None else None
        shown.append(_section(place, name, column, base, view, beside))
    return f'<div class="columns">{"".join(shown)}</div>'


def _section(
    place: int, name: str, column: Column | None, base: Column | None, view: View, beside: Beside
) -> str:
    wide = " wide" if view.wide == name else ""
    text = html.escape(column.text if column else "")
    body = (
        f'<p class="nothing" id="compare-answer-{place}">{WORDS.compare.nothing}</p>'
        if column is None
        else _answered(place, column, base, view, beside)
    )
    return (
        f'<section class="variant{wide}" id="compare-column-{place}" data-text="{text}" '
        f'aria-labelledby="compare-name-{place}" style="{_style(name, beside.served)}">'
        f'<header><h3 id="compare-name-{place}" dir="auto">{html.escape(name)}</h3>'
        f"{_buttons(name, view)}</header>{body}</section>"
    )


def _answered(place: int, column: Column, base: Column | None, view: View, beside: Beside) -> str:
    name = column.variant
    left = parting(column, base) if base is not None and name != BASE else None
    caution = "" if column.finished == HELD else cautions_html(column.text)
    return (
        f"{_earlier(column)}"
        f'<div id="compare-answer-{place}" class="turn bot">'
        f'<div class="said" data-testid="bot">{_answer(column, view, left)}</div></div>{caution}'
        f"{fault_html(column.failed)}{_parting(left)}"
        f'<p class="numbers" id="compare-rate-{place}">{_numbers(column, beside.ahead)}</p>'
        f"{beside.receipts.get(name, '')}"
    )


def _style(name: str, served: Sequence[str]) -> str:
    line = "dashed" if is_derived(name) else "solid"
    return f"--variant: {colour(name, served)}; --line: {line}"


def _buttons(name: str, view: View) -> str:
    words = WORDS.compare
    acts = (
        ("left", "←", words.left, None),
        ("right", "→", words.right, None),
        ("wide", "⤢", words.wide, view.wide == name),
        ("pick", "✓", words.pick, view.picked == name),
        ("remove", "✕", words.remove, None),
        ("copy", ICON, WORDS.talk.copy_message, None),
    )
    return f'<span class="acts">{"".join(_button(name, *act) for act in acts)}</span>'


def _button(name: str, act: str, sign: str, label: str, pressed: bool | None) -> str:
    title = html.escape(label.format(variant=name))
    state = "" if pressed is None else f' aria-pressed="{str(pressed).lower()}"'
    return (
        f'<button type="button" class="act {act}" data-act="{act}" '
        f'data-variant="{html.escape(name)}" title="{title}" aria-label="{title}"{state}>'
        f"{sign}</button>"
    )


def _earlier(column: Column) -> str:
    """The conversation before the last message, folded."""
    turns = column.asked[:-1]
    if not turns:
        return ""
    said = "".join(
        f'<div class="turn {"user" if turn["role"] == "user" else "bot"}"><div class="said">'
        f"{marked_up(turn['content'])}</div></div>"
        for turn in turns
    )
    summary = WORDS.compare.earlier.format(n=len(turns))
    return f'<details class="earlier"><summary>{summary}</summary>{said}</details>'


def _answer(column: Column, view: View, left: Parting | None) -> str:
    if view.why and column.scores:
        return coloured(column, left.place if left else None)
    return marked_up(column.text) or ("" if column.failed else '<p class="waits">•••</p>')


def fault_html(line: str) -> str:
    """Why an answer broke off, as HTML; "" where it did not."""
    return f'<p class="fault" role="status">{html.escape(line)}</p>' if line else ""


def _parting(left: Parting | None) -> str:
    return f'<p class="parts">{html.escape(parting_text(left))}</p>' if left else ""


def parting_text(left: Parting) -> str:
    """Where an answer leaves the base's."""
    words = WORDS.compare
    said = {
        "place": left.place + 1,
        "token": _visible(left.token),
        "base": _visible(left.base_token),
    }
    if left.probability is None or left.base_probability is None:
        return words.parts_ended.format(place=said["place"], base=said["base"])
    if not left.base_token:
        del said["base"]
        return words.parts_base_ended.format(p=left.probability, q=left.base_probability, **said)
    return words.parts.format(p=left.probability, q=left.base_probability, **said)


def _visible(token: str) -> str:
    return token.strip() or token.replace("\n", "↵")


def _numbers(column: Column, ahead: int) -> str:
    return WORDS.talk.waiting.format(n=ahead) if ahead else numbers_text(column)


def numbers_text(column: Column) -> str:
    """How long an answer is, how fast it came, and how it ended."""
    words = WORDS.compare
    if column.finished == HELD:
        return WORDS.talk.held
    endings = {
        "stop": words.finished,
        "length": words.cut,
        "failed": words.failed,
        None: words.running,
    }
    return words.numbers.format(
        tokens=column.tokens, rate=column.rate, ending=endings[column.finished]
    )
