"""The scored questions: listed, filtered, searched, and one of them opened."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import gradio as gr

from hera.ui.components.events import AT_ONCE
from hera.ui.components.filters import ALL, filter_choices, filtered
from hera.ui.components.questions import detail_html, table_headers, table_row
from hera.ui.measured import Measured
from hera.ui.tabs.pubmedqa_screen import Screen
from hera.ui.words import WORDS


@dataclass(frozen=True)
class Listing:
    """The table with what filters it; `opened` is the id of the question in full, or ""."""

    chosen: gr.Dropdown
    search: gr.Textbox
    shown: gr.HTML
    table: gr.Dataframe
    detail: gr.HTML
    opened: gr.State


def listing(variants: Sequence[str]) -> Listing:
    """Lay it out."""
    words = WORDS.filters
    with gr.Row(elem_id="pqa-filters"):
        chosen = gr.Dropdown(
            filter_choices(variants),
            value=ALL,
            label=words.label,
            min_width=240,
            elem_id="pqa-filter",
        )
        search = gr.Textbox(
            label=words.search,
            placeholder=words.hint,
            max_lines=1,
            min_width=240,
            elem_id="pqa-search",
        )
    shown = gr.HTML(elem_id="pqa-shown", apply_default_css=False)
    table = gr.Dataframe(
        headers=table_headers(variants),
        label=WORDS.questions.label,
        interactive=False,
        wrap=True,
        max_height=420,
        column_widths=["90px", "560px", "80px", *["130px"] * len(variants)],
        elem_id="pqa-table",
    )
    detail = gr.HTML(elem_id="pqa-detail")
    return Listing(chosen, search, shown, table, detail, gr.State(""))


def lists(parts: Listing, screen: Screen, start: gr.Button, variants: gr.CheckboxGroup) -> None:
    """Let it follow the run, the filter and the search, and open what is clicked."""
    at_once: dict[str, Any] = {"show_progress": "hidden", **AT_ONCE}
    inputs = [screen.run, parts.chosen, parts.search]
    for changes in (screen.live.change, parts.chosen.change, parts.search.change):
        changes(_listed, inputs, [parts.table, parts.shown], **at_once)
    start.click(_fresh, variants, [parts.chosen, parts.detail, parts.opened], **at_once)
    parts.table.select(_open, screen.run, [parts.detail, parts.opened], **AT_ONCE)


def _listed(run: Measured | None, chosen: str, search: str) -> list[Any]:
    if run is None:
        return [gr.skip(), gr.skip()]
    rows = filtered(run.rows, chosen, search)
    told = WORDS.filters.shown.format(n=len(rows), of=len(run.scored))
    table = gr.Dataframe(
        [table_row(question, scored) for question, scored in rows],
        headers=table_headers(run.variants),
        label=WORDS.questions.label_of.format(source=run.asked.name),
    )
    return [table, f"<p>{told}</p>"]


def _fresh(names: list[str]) -> list[Any]:
    """A run's own filters, and no question opened."""
    return [gr.Dropdown(filter_choices(names), value=ALL), "", ""]


def _open(run: Measured | None, picked: gr.SelectData) -> list[str]:
    # By the id in the row, not by its place: the visitor may have sorted the table.
    wanted = str(picked.row_value[0])
    rows = [] if run is None else run.rows
    found = next(((q, s) for q, s in rows if q.id == wanted), None)
    return ["", ""] if found is None else [detail_html(*found), wanted]
