"""A run as a report: one HTML file, or Markdown."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from hera.errors import InputError
from hera.types import Engine
from hera.ui.components.download import saved, saver
from hera.ui.components.events import AT_ONCE
from hera.ui.documents.measurement import report_page
from hera.ui.documents.measurement_markdown import report_markdown
from hera.ui.errors import shown_errors
from hera.ui.measured import Measured
from hera.ui.serving import Serving
from hera.ui.tabs.pubmedqa_screen import Screen
from hera.ui.words import WORDS

FILES: dict[str, tuple[str, Callable[[Measured, Engine], str]]] = {
    "pubmedqa.html": ("text/html", report_page),
    "pubmedqa.md": ("text/markdown", report_markdown),
}


def saves_reports(serving: Serving, screen: Screen) -> None:
    """Let a button each save it."""
    download = saver("pqa-saver")
    for file, each in zip(FILES, screen.reports, strict=True):
        each.click(_saving(serving, file), screen.run, download, show_progress="hidden", **AT_ONCE)


def _saving(serving: Serving, file: str) -> Callable[..., Iterator[Any]]:
    kind, make = FILES[file]

    @shown_errors
    def save_report(run: Measured | None) -> Iterator[Any]:
        if run is None or run.scores is None:
            raise InputError(WORDS.pubmedqa.nothing_to_save)
        yield saved(file, kind, make(run, serving.engine()).encode())

    return save_report
