"""Why view: one token of an answer, what else could stand there, another driver from there on, and
which layers did it."""

from __future__ import annotations

import html
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import gradio as gr

from hera.errors import InputError
from hera.explain.comparison import Column, Comparison
from hera.types import BASE
from hera.ui.caring import cared
from hera.ui.components.buttons import button
from hera.ui.components.events import ANSWERS, ON_SCREEN
from hera.ui.components.layers import layers_html
from hera.ui.components.tokens import likely_html
from hera.ui.components.written import filled, marked_up
from hera.ui.errors import Handler, shown_errors
from hera.ui.explaining import Explain
from hera.ui.running import visitor
from hera.ui.serving import Serving
from hera.ui.words import WORDS


@dataclass(frozen=True)
class Picked:
    """A token of a column."""

    variant: str
    place: int

    def of(self, compared: Comparison | None) -> Column:
        """Its column.

        Raises:
            InputError: it is not there any more.
        """
        column = compared.column(self.variant) if compared is not None else None
        if column is None or not 0 <= self.place < len(column.scores or ()):
            raise InputError(WORDS.why.pick_first)
        return column


def why_view(serving: Serving, explain: Explain, shown: gr.HTML, compared: gr.State) -> None:
    """Lay it out; it appears with the first token that is clicked in `shown`."""
    words = WORDS.why
    picked = gr.State(Picked("", -1))
    with gr.Column(visible=False, elem_id="why") as panel:
        likely = gr.HTML(elem_id="why-likely")
        with gr.Row(equal_height=False):
            driver = gr.Dropdown([], label=words.driver, elem_id="why-driver")
            drive = button(words.drive, "why-drive")
            layers = button(words.layers, "why-layers")
        driven = gr.HTML(elem_id="why-driven", elem_classes="talk")
        found = gr.HTML(elem_id="why-map")
    show, go_on, map_layers = _handlers(serving, explain)
    run = {"show_progress": "minimal", **ANSWERS, **ON_SCREEN}
    shown.select(show, compared, [picked, panel, likely, driver, driven, found], **run)
    drive.click(go_on, [compared, picked, driver], driven, **run)
    layers.click(map_layers, [compared, picked], found, **run)


def _handlers(serving: Serving, explain: Explain) -> tuple[Handler, Handler, Handler]:
    """What shows a token, lets another variant go on from it, and maps its layers; Gradio reads
    their annotations."""

    @shown_errors
    def show(compared: Comparison | None, event: gr.EventData) -> Iterator[Any]:
        said = event._data or {}
        picked = Picked(str(said.get("variant", "")), _number(said.get("place")))
        column = picked.of(compared)
        assert compared is not None
        others = [name for name in compared.variants if name != picked.variant]
        for likely in explain.likely(column, picked.place, compared.variants):
            token = (column.scores or ())[picked.place].text
            heading = filled(
                WORDS.why.heading,
                token=token.strip() or "↵",
                place=str(picked.place + 1),
                variant=picked.variant,
            )
            bars = likely_html(token, likely, serving.planned)
            yield (
                picked,
                gr.Column(visible=True),
                f'<div role="status">{heading}</div><p>{WORDS.why.likely_about}</p>{bars}',
                gr.Dropdown(others, value=others[0] if others else None),
                "",
                "",
            )

    @shown_errors
    def go_on(
        request: gr.Request, compared: Comparison | None, picked: Picked, driver: str | None
    ) -> Iterator[str]:
        column = picked.of(compared)
        assert compared is not None
        token = (column.scores or ())[picked.place].text.strip() or "↵"
        about = filled(WORDS.why.drive_about, token=token, variant=driver or BASE)
        if cared(column.asked).held_back:
            raise InputError(WORDS.errors.held)
        for text in explain.drive(
            column, picked.place, driver or BASE, compared.params, visitor(request)
        ):
            yield f'{about}<div class="turn bot"><div class="said">{marked_up(text)}</div></div>'

    @shown_errors
    def map_layers(compared: Comparison | None, picked: Picked) -> Iterator[str]:
        column = picked.of(compared)
        if column.variant == BASE:
            yield f"<p>{html.escape(WORDS.why.of_base)}</p>"
            return
        for found in explain.layers(column, picked.place):
            yield f"{filled(WORDS.why.layers_about)}{layers_html(found)}"

    return show, go_on, map_layers


def _number(said: Any) -> int:
    return int(said) if str(said).isdigit() else -1
