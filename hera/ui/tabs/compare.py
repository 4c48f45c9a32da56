"""The Compare tab: one question, a column per variant, all streaming at once."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import gradio as gr

from hera.types import BASE, Message
from hera.ui.components.buttons import button
from hera.ui.components.events import ANSWERS, ON_SCREEN
from hera.ui.components.generation import generation_settings, params_from
from hera.ui.components.notice import announces
from hera.ui.components.numbers import numbers
from hera.ui.components.stop import stops
from hera.ui.components.talk import shown, talk
from hera.ui.conversation import checked
from hera.ui.errors import Handler, shown_errors
from hera.ui.filming import Filming
from hera.ui.running import Steps, visitor
from hera.ui.serving import Serving
from hera.ui.tabs.film import film_view
from hera.ui.words import WORDS


def compare_tab(
    serving: Serving, steps: Steps, filming: Filming
) -> tuple[list[gr.Markdown], gr.Accordion]:
    """Build the tab; returns the columns' headings, which the model names, and the film's view,
    which not every model has."""
    words = WORDS.compare
    message = gr.Textbox(words.example, label=words.message, lines=2, elem_id="compare-message")
    with gr.Row():
        start = button(words.start, "compare-start", primary=True)
        stop = button(words.stop, "compare-stop")
    notice = gr.HTML(elem_id="compare-notice")
    names = serving.planned if len(serving.planned) > 1 else (BASE, " ")
    with gr.Row():
        columns = [_column(i, name) for i, name in enumerate(names)]
    headings, answers, rates = (list(parts) for parts in zip(*columns, strict=True))
    settings = generation_settings("compare")
    starts = [start.click, message.submit]
    event = gr.on(
        starts,
        _handler(serving, steps, len(columns)),
        [message, *settings],
        [*answers, *rates],
        show_progress="minimal",
        **ANSWERS,
        **ON_SCREEN,
    )
    announces(notice, starts, [message])
    stops(stop, [event], [*answers, *rates])
    return headings, film_view(filming, message, settings)


def _column(place: int, variant: str) -> tuple[gr.Markdown, gr.HTML, gr.Markdown]:
    """A variant's heading, its answer, and the numbers under it."""
    with gr.Column(min_width=280):
        return (
            gr.Markdown(f"### {variant}", elem_id=f"compare-name-{place}"),
            talk(f"compare-answer-{place}", WORDS.compare.answer),
            gr.Markdown(elem_id=f"compare-rate-{place}", elem_classes="numbers"),
        )


def _handler(serving: Serving, steps: Steps, columns: int) -> Handler:
    """What compares; Gradio reads its annotations."""

    @shown_errors
    def side_by_side(request: gr.Request, message: str, *settings: Any) -> Iterator[list[Any]]:
        """Every column's answer so far, then every column's numbers."""
        names = serving.engine().variants[:columns]
        blank = columns - len(names)
        params = params_from(settings)
        for step, rates in steps(checked(message), names, params, visitor(request)):
            answers = [
                shown([Message(role="assistant", content=step.texts[name])]) for name in names
            ]
            lines = [numbers(step, name, rates[name]) for name in names]
            yield [*answers, *[[]] * blank, *lines, *[""] * blank]

    return side_by_side
