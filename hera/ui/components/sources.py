"""What is asked on the PubMedQA tab: shown, and replaced for one visitor by a file of theirs."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import Any

import gradio as gr

from hera.errors import DataError
from hera.ui.asking import MOST, Asked, Asking
from hera.ui.components.events import AT_ONCE
from hera.ui.components.source import refused_html, source_html
from hera.ui.upload import KINDS, MOST_BYTES, MOST_QUESTIONS, read_upload
from hera.ui.words import WORDS


@dataclass(frozen=True)
class Sources:
    """The parts; `own` holds a visitor's own questions, None for those that are served."""

    own: gr.State
    shown: gr.HTML
    refused: gr.HTML
    upload: gr.UploadButton
    back: gr.Button


def sources(asking: Asking) -> Sources:
    """Lay them out."""
    words = WORDS.asking
    own = gr.State(None)
    shown = gr.HTML(source_html(asking, None), elem_id="pqa-source")
    with gr.Row():
        upload = gr.UploadButton(
            words.upload, file_types=list(KINDS), size="sm", min_width=64, elem_id="pqa-upload"
        )
        back = gr.Button(words.back, size="sm", min_width=64, visible=False, elem_id="pqa-back")
    formats = words.formats.format(mb=MOST_BYTES // 2**20, n=f"{MOST_QUESTIONS:,}")
    gr.Markdown(formats, elem_id="pqa-formats")
    return Sources(own, shown, gr.HTML(elem_id="pqa-refused"), upload, back)


def number_of(asking: Asking) -> gr.Slider:
    """How many questions to ask: no more than there are, as far as that is known."""
    most = asking.now().most if asking.state == "ready" else MOST
    label = WORDS.pubmedqa.count
    return gr.Slider(_least(most), most, min(32, most), step=1, label=label, elem_id="pqa-count")


def up_to(most: int, count: float) -> gr.Slider:
    """The number's limit, where it was `count` so far."""
    # Without a value where it fits: the visitor may have typed another while this was on its way.
    least = _least(most)
    return gr.Slider(least, most, most) if count > most else gr.Slider(least, most)


def _least(most: int) -> int:
    """1, but for a single question: a range from 1 to 1 is none to Gradio."""
    return min(1, most - 1)


def follow(tab: gr.Tab, asking: Asking, parts: Sources, count: gr.Slider, start: gr.Button) -> None:
    """Let the tab begin to fetch what it asks, and all parts follow what is there."""
    timer = gr.Timer(0.5, active=False)
    follows = [parts.shown, parts.back, count, start, timer]
    for event in (tab.select, timer.tick):
        event(
            partial(_followed, asking),
            [parts.own, count],
            follows,
            show_progress="hidden",
            **AT_ONCE,
        )
    changes = [parts.own, parts.refused, *follows]
    parts.upload.upload(
        partial(_uploaded, asking), [parts.upload, parts.own, count], changes, **AT_ONCE
    )
    parts.back.click(partial(_went_back, asking), [count], changes, **AT_ONCE)


def _followed(asking: Asking, own: Asked | None, count: float) -> list[Any]:
    """The line, the way back, the number's limit, whether to start, whether to look again."""
    asking.start()
    waits = own is None and asking.state == "fetching"
    asked = own or (asking.now() if asking.state == "ready" else None)
    most = asked.most if asked else MOST
    return [
        source_html(asking, own),
        gr.Button(visible=own is not None),
        up_to(most, count),
        gr.Button(interactive=not waits),
        gr.Timer(active=waits),
    ]


def _uploaded(asking: Asking, path: str, own: Asked | None, count: float) -> list[Any]:
    """The questions of the file, or those before and why."""
    error = ""
    try:
        own = read_upload(path)
    except DataError as refused:
        error = str(refused)
    return [own, refused_html(error), *_followed(asking, own, count)]


def _went_back(asking: Asking, count: float) -> list[Any]:
    return [None, "", *_followed(asking, None, count)]
