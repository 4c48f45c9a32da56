"""Compare's columns: which are shown, and how they follow what the visitor does to them."""

from __future__ import annotations

import html
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import gradio as gr

from hera.explain.comparison import Comparison
from hera.types import BASE
from hera.ui.components.columns import Beside, columns_html
from hera.ui.components.events import AT_ONCE
from hera.ui.components.receipts import receipts_html
from hera.ui.components.tokens import legend
from hera.ui.explaining import Receipts
from hera.ui.serving import Serving
from hera.ui.view import View, after
from hera.ui.words import WORDS


@dataclass(frozen=True)
class Looks:
    """What the columns depend on, where they are shown, and the scale of their colours."""

    picker: gr.Dropdown
    compared: gr.State
    receipts: gr.State
    view: gr.State
    shown: gr.HTML
    why: gr.Checkbox
    scale: gr.HTML


def column_picker(served: Sequence[str]) -> gr.Dropdown:
    """The variants that are shown, in their order; others can be typed."""
    words = WORDS.compare
    return gr.Dropdown(
        suggestions(served),
        value=list(served),
        multiselect=True,
        allow_custom_value=True,
        label=words.columns,
        info=_info(served),
        elem_id="compare-picker",
    )


def _info(served: Sequence[str]) -> str | None:
    """What can be typed, by the names that are served; nothing of a base alone."""
    words, adapters = WORDS.compare, [name for name in served if name != BASE]
    if not adapters:
        return None
    text = words.columns_info if len(adapters) == 1 else words.columns_info_more
    return text.format(first=adapters[0], last=adapters[-1])


def suggestions(served: Sequence[str]) -> list[str]:
    """Variants that can be shown: those that are served, and what can be made of them."""
    adapters = [name for name in served if name != BASE]
    made = [f"{name}@0.5" for name in adapters]
    made += ["+".join(adapters)] if len(adapters) > 1 else []
    return [*served, *made, *(f"{name}~1" for name in adapters)]


def shown_columns(
    serving: Serving,
    names: Sequence[str],
    compared: Comparison | None,
    view: View,
    receipts: Receipts | None = None,
    ahead: int = 0,
) -> str:
    """The columns of these variants as HTML."""
    under = receipts_html(receipts or {}, serving.checks)
    return columns_html(names, compared, view, Beside(serving.planned, under, ahead))


def scale_html(serving: Serving) -> str:
    """What the colours mean, or why there are none."""
    if serving.state == "ready":
        why = serving.engine().unsupported.get("token_logprobs")
        if why:
            return f'<p role="status">{html.escape(WORDS.why.no_tokens.format(why=why))}</p>'
    return legend()


def follow(serving: Serving, parts: Looks, runs: Sequence[Any]) -> None:
    """Let the columns follow what the visitor picks, moves, widens and colours.

    What streams into them (`runs`) looks at them as the visitor did when it began, so at its end
    they are shown once more, as they are looked at by then.
    """

    def edit(
        names: list[str],
        compared: Comparison | None,
        receipts: Receipts,
        view: View,
        event: gr.EventData,
    ) -> tuple[list[str], View, str]:
        columns, looked = after(event._data or {}, names, view)
        return columns, looked, shown_columns(serving, columns, compared, looked, receipts)

    def colour(
        names: list[str], compared: Comparison | None, receipts: Receipts, view: View, on: bool
    ) -> tuple[View, str, Any]:
        looked = replace(view, why=on)
        shown = shown_columns(serving, names, compared, looked, receipts)
        return looked, shown, gr.HTML(scale_html(serving), visible=on)

    def pick(names: list[str], compared: Comparison | None, receipts: Receipts, view: View) -> str:
        return shown_columns(serving, names, compared, view, receipts)

    given = [parts.picker, parts.compared, parts.receipts, parts.view]
    parts.shown.edit(edit, given, [parts.picker, parts.view, parts.shown], **AT_ONCE)
    coloured = [parts.view, parts.shown, parts.scale]
    parts.why.change(colour, [*given, parts.why], coloured, **AT_ONCE)
    parts.picker.change(pick, given, parts.shown, **AT_ONCE)
    for run in runs:
        run.then(pick, given, parts.shown, show_progress="hidden", **AT_ONCE)
