"""The scored items of a benchmark: listed, filtered, searched, and one of them opened."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Protocol

import gradio as gr
from gradio.components import Component

from hera.ui.bench.state import Kind, Row
from hera.ui.components.events import AT_ONCE
from hera.ui.components.filters import ALL, filter_choices, filtered
from hera.ui.words import WORDS


class Listed(Protocol):
    """A run whose items are listed."""

    @property
    def name(self) -> str:
        """What was asked, as headings call it."""

    @property
    def variants(self) -> tuple[str, ...]:
        """Whose answers are scored."""

    @property
    def rows(self) -> Sequence[Row]:
        """Every scored item, in the order in which they came."""


@dataclass(frozen=True)
class Listing:
    """The table with what filters it; `opened` is the id of the item in full, or ""."""

    chosen: gr.Dropdown
    search: gr.Textbox
    shown: gr.HTML
    table: gr.Dataframe
    detail: gr.HTML
    opened: gr.State


def listing(kind: Kind, prefix: str, variants: Sequence[str], label: str, hint: str) -> Listing:
    """Lay it out; `prefix` begins the parts' ids, `hint` says what a search finds."""
    words = WORDS.filters
    with gr.Row(elem_id=f"{prefix}-filters", elem_classes="begun"):
        chosen = gr.Dropdown(
            filter_choices(variants),
            value=ALL,
            label=words.label,
            min_width=240,
            visible=kind.judged,
            elem_id=f"{prefix}-filter",
        )
        search = gr.Textbox(
            label=words.search,
            placeholder=hint,
            max_lines=1,
            min_width=240,
            elem_id=f"{prefix}-search",
        )
    shown = gr.HTML(
        elem_id=f"{prefix}-shown", elem_classes=["item-count", "begun"], apply_default_css=False
    )
    table = gr.Dataframe(
        headers=kind.headers(variants),
        label=label,
        interactive=False,
        wrap=True,
        max_height=420,
        column_widths=[*kind.widths, *["130px"] * len(variants)],
        elem_id=f"{prefix}-table",
        elem_classes=["item-table", "begun"],
    )
    detail = gr.HTML(elem_id=f"{prefix}-detail", elem_classes=["item-detail", "begun"])
    return Listing(chosen, search, shown, table, detail, gr.State(""))


def lists(
    kind: Kind,
    parts: Listing,
    run: gr.State,
    live: Component,
    start: gr.Button,
    variants: gr.CheckboxGroup,
) -> None:
    """Let it follow the run, which changes `live` with each step, the filter and the search, and
    open what is clicked."""
    at_once: dict[str, Any] = {"show_progress": "hidden", **AT_ONCE}
    inputs = [run, parts.chosen, parts.search]
    for changes in (live.change, parts.chosen.change, parts.search.change):  # type: ignore[attr-defined]
        changes(partial(_listed, kind), inputs, [parts.table, parts.shown], **at_once)
    if kind.newest:
        live.change(partial(_newest, kind), [run, parts.opened], parts.detail, **at_once)  # type: ignore[attr-defined]
    # What comes by itself takes an earlier run's place; to empty it would come later than that.
    emptied = [parts.chosen, parts.opened, *([] if kind.newest else [parts.detail])]
    start.click(partial(_fresh, kind), variants, emptied, **at_once)
    parts.table.select(_opener(kind), run, [parts.detail, parts.opened], **AT_ONCE)


def _listed(kind: Kind, run: Listed | None, chosen: str, search: str) -> list[Any]:
    if run is None:
        return [gr.skip(), gr.skip()]
    rows = filtered(run.rows, chosen, search, kind.text)
    told = WORDS.filters.shown.format(n=len(rows), of=len(run.rows))
    table = gr.Dataframe(
        [kind.row(item, scored) for item, scored in rows],
        headers=kind.headers(run.variants),
        label=kind.label(run.name),
    )
    return [table, f"<p>{told}</p>"]


def _newest(kind: Kind, run: Listed | None, opened: str) -> Any:
    return gr.skip() if opened or run is None or not run.rows else kind.detail(*run.rows[-1])


def _fresh(kind: Kind, names: list[str]) -> list[Any]:
    """A run's own filters, and no item opened."""
    emptied = [] if kind.newest else [""]
    return [gr.Dropdown(filter_choices(names), value=ALL), "", *emptied]


def _opener(kind: Kind) -> Any:
    def opened(run: Listed | None, picked: gr.SelectData) -> list[str]:
        # By the id in the row, not by its place: the visitor may have sorted the table.
        wanted = str(picked.row_value[0])
        rows = [] if run is None else run.rows
        found = next(((item, s) for item, s in rows if s.id == wanted), None)
        return ["", ""] if found is None else [kind.detail(*found), wanted]

    return opened
