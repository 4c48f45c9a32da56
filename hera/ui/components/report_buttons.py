"""Two buttons that save a run as a report: one HTML file, or Markdown."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import gradio as gr

from hera.errors import InputError
from hera.types import Engine
from hera.ui.components.download import saved, saver
from hera.ui.components.events import AT_ONCE
from hera.ui.errors import shown_errors
from hera.ui.serving import Serving
from hera.ui.words import WORDS

Made = Callable[[Any, Engine], str]
"""(a run of which something is scored, what answered it) -> the file."""


def report_buttons(prefix: str) -> tuple[gr.Button, gr.Button]:
    """As HTML, as Markdown."""
    words = WORDS.pubmedqa
    return (
        gr.Button(words.save_html, size="sm", min_width=160, elem_id=f"{prefix}-html"),
        gr.Button(words.save_markdown, size="sm", min_width=160, elem_id=f"{prefix}-md"),
    )


def saves_reports(
    serving: Serving,
    buttons: tuple[gr.Button, gr.Button],
    run: gr.State,
    name: str,
    html: Made,
    markdown: Made,
) -> None:
    """Let each save the run; `name` begins the files'."""
    download = saver(f"{name}-saver")
    kinds = ((f"{name}.html", "text/html", html), (f"{name}.md", "text/markdown", markdown))
    for each, kind in zip(buttons, kinds, strict=True):
        each.click(_saving(serving, *kind), run, download, show_progress="hidden", **AT_ONCE)


def _saving(serving: Serving, file: str, kind: str, make: Made) -> Callable[..., Iterator[Any]]:
    @shown_errors
    def save_report(run: Any) -> Iterator[Any]:
        if run is None or not run.scored:
            raise InputError(WORDS.pubmedqa.nothing_to_save)
        yield saved(file, kind, make(run, serving.engine()).encode())

    return save_report
