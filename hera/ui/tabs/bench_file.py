"""A visitor's own questions for a benchmark that ships none."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import gradio as gr

from hera.errors import DataError
from hera.ui.asking import MOST
from hera.ui.bench.state import Own
from hera.ui.components.events import AT_ONCE
from hera.ui.components.source import refused_html
from hera.ui.components.sources import up_to
from hera.ui.components.written import filled
from hera.ui.upload import KINDS, MOST_BYTES, MOST_QUESTIONS, read_choices
from hera.ui.words import WORDS


@dataclass(frozen=True)
class OwnFile:
    """Where a file is chosen, and what it was found to hold."""

    upload: gr.UploadButton
    source: gr.HTML


def own_file() -> OwnFile:
    """Lay it out."""
    words = WORDS.bench
    upload = gr.UploadButton(
        words.upload, file_types=list(KINDS), size="sm", min_width=64, elem_id="medqa-upload"
    )
    source = gr.HTML(elem_id="medqa-source", apply_default_css=False)
    formats = words.formats.format(mb=MOST_BYTES // 2**20, n=f"{MOST_QUESTIONS:,}")
    gr.Markdown(formats, elem_id="medqa-formats")
    return OwnFile(upload, source)


def follow_file(file: OwnFile, own: gr.State, count: gr.Slider, start: gr.Button) -> None:
    """Let a file's questions be what is asked; until there are some nothing can be started."""
    changes = [own, file.source, count, start]
    file.upload.upload(_uploaded, [file.upload, own, count], changes, **AT_ONCE)


def _uploaded(path: str, own: Own | None, count: float) -> list[Any]:
    """The questions of the file and how many they are, or those before and why."""
    refused = ""
    try:
        own = read_choices(path)
    except DataError as error:
        refused = refused_html(str(error))
    if own is None:
        return [None, refused, gr.skip(), gr.skip()]
    n = len(own.choices)
    told = filled(WORDS.bench.own, n=f"{n:,}", ref=str(own.ref))
    said = f'<div role="status">{told}</div>{refused}'
    return [own, said, up_to(min(MOST, n), count), gr.Button(interactive=True)]
