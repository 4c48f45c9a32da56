"""Is it luck? Many draws of every column's variant, and what differs beyond chance."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import gradio as gr
from gradio.components import Component

from hera.errors import InputError
from hera.explain.draws import DRAWS, MOST
from hera.ui.caring import held_text
from hera.ui.components.buttons import button
from hera.ui.components.events import ANSWERS, ON_SCREEN
from hera.ui.components.generation import params_from
from hera.ui.components.luck import luck_html, progress_html
from hera.ui.components.stop import stops
from hera.ui.errors import Handler, shown_errors
from hera.ui.explaining import Explain
from hera.ui.running import visitor
from hera.ui.serving import Serving
from hera.ui.view import requests
from hera.ui.words import WORDS


def luck_view(
    serving: Serving,
    explain: Explain,
    message: gr.Textbox,
    picker: gr.Dropdown,
    settings: Sequence[Component],
) -> None:
    """Lay it out, folded; it asks what is written above, under the settings of the tab."""
    words = WORDS.luck
    with gr.Accordion(words.heading, open=False, elem_id="luck"):
        gr.Markdown(words.about)
        with gr.Row(equal_height=False):
            draws = gr.Slider(10, MOST, DRAWS, step=1, label=words.draws, elem_id="luck-draws")
            start = button(words.start, "luck-start", primary=True)
            stop = button(words.stop, "luck-stop")
        found = gr.HTML(elem_id="luck-found")
    run = start.click(
        _handler(serving, explain),
        [message, picker, draws, *settings],
        found,
        show_progress="minimal",
        **ANSWERS,
        **ON_SCREEN,
    )
    stops(stop, [run], [found])


def _handler(serving: Serving, explain: Explain) -> Handler:
    """What draws; Gradio reads its annotations."""

    @shown_errors
    def drawn(
        request: gr.Request, message: str, names: list[str], draws: float, *settings: Any
    ) -> Iterator[str]:
        asked = requests(message, names, None, "")
        params = params_from(settings)
        if held_text(asked):
            raise InputError(WORDS.errors.held)
        for lot in explain.luck(asked, params, int(draws), visitor(request)):
            told = progress_html(lot.done, lot.n, lot.ahead)
            if lot.luck is not None:
                told += luck_html(lot.luck, serving.planned, judged=lot.done == lot.n)
            yield told

    return drawn
