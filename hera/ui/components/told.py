"""Tables of numbers as HTML, and what a benchmark of the picker tells under one."""

from __future__ import annotations

import html
from collections.abc import Iterable, Sequence

from hera.ui.bench.state import Told
from hera.ui.components.written import marked_up


def told_html(told: Told) -> str:
    """Every variant's numbers, and what stands under them."""
    notes = "".join(f'<div class="note">{marked_up(note)}</div>' for note in told.notes)
    return table_html(told.columns, told.rows, "scores told") + notes


def table_html(columns: Sequence[str], rows: Iterable[Sequence[str]], kind: str = "") -> str:
    """A table that scrolls sideways; `kind` is its class."""
    head = "".join(f"<th scope=col>{html.escape(text)}</th>" for text in columns)
    body = "".join(f"<tr>{''.join(map(_cell, row))}</tr>" for row in rows)
    shown = f' class="{kind}"' if kind else ""
    return (
        f'<div class="scrolls" tabindex="0"><table{shown}><thead><tr>{head}</tr></thead>'
        f"<tbody>{body}</tbody></table></div>"
    )


def _cell(text: str) -> str:
    return f'<td dir="auto">{html.escape(text)}</td>'
