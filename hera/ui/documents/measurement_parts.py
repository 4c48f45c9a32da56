"""What every document says of a measurement."""

from __future__ import annotations

import html
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from hera import __version__
from hera.evaluation.records import without_paths
from hera.types import Engine
from hera.ui.components.told import table_html
from hera.ui.documents.frame import STYLE
from hera.ui.documents.markdown import plain
from hera.ui.words import WORDS

CSS = STYLE + "\n".join(
    path.read_text(encoding="utf-8")
    for path in (
        Path(__file__).parent.parent / "measured.css",
        Path(__file__).with_name("measurement.css"),
    )
)
"""Of the HTML files."""


def about(
    asked: str, partial: str, data: Mapping[str, Any], engine: Engine, notes: Sequence[str] = ()
) -> Iterator[str]:
    """What was asked of what, a line each; no path of this machine.

    Args:
        asked: how many of how many, of what.
        partial: what is said of a run that was stopped; "" of one that was not.
        data: what results.json says of it.
        engine: what answered.
        notes: further lines.
    """
    words = WORDS.report
    yield asked
    if partial:
        yield partial
    yield words.data.format(ref=data["ref"], split=data["split"] or "-", sha256=data["sha256"])
    yield WORDS.kept.made.format(
        model=without_paths(engine.name),
        computed=f"{engine.dtype}, {engine.device}",
        version=__version__,
    )
    yield from notes
    yield WORDS.page.disclaimer.replace("**", "")


def section_html(heading: str, body: str) -> str:
    """Under a heading."""
    return f"<section><h2>{html.escape(heading)}</h2>{body}</section>"


def begin_html(title: str, lines: Iterable[str]) -> str:
    """The heading, and what was asked."""
    told = "\n".join(map(html.escape, lines))
    return f'<h1>{html.escape(title)}</h1><p class="made">{told}</p>'


def items_html(heading: str, columns: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Every item, folded."""
    table = table_html(columns, rows)
    return f"<details><summary>{html.escape(heading)}</summary>{table}</details>"


def weights_html(engine: Engine) -> str:
    """The sha256 of what answered, folded."""
    rows = "".join(
        f"<tr><td>{html.escape(name)}</td><td>{html.escape(sha)}</td></tr>"
        for name, sha in engine.fingerprints.items()
    )
    return f"<details><summary>{WORDS.kept.weights}</summary><table>{rows}</table></details>"


def table_markdown(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table of which nothing in a cell is markup."""
    lines = [f"| {' | '.join(map(plain, columns))} |", f"|{' --- |' * len(columns)}"]
    return "\n".join([*lines, *(f"| {' | '.join(map(plain, row))} |" for row in rows)])


def weights_markdown(engine: Engine) -> list[str]:
    """The sha256 of what answered, under a heading."""
    rows = [f"- {plain(name)}: {plain(sha)}" for name, sha in engine.fingerprints.items()]
    return [f"## {WORDS.kept.weights}", "\n".join(rows)]
