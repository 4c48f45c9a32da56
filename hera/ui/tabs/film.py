"""The learning film in the Compare tab: one question to every snapshot of an adapter."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from functools import partial
from typing import Any

import gradio as gr
from gradio.components import Component

from hera.types import Message
from hera.ui.caring import HELD
from hera.ui.components.buttons import button
from hera.ui.components.events import ANSWERS, AT_ONCE, ON_SCREEN
from hera.ui.components.film_curves import MOVE, drawn, film_curves
from hera.ui.components.generation import params_from
from hera.ui.components.notice import announces, waiting_text
from hera.ui.components.stop import stops
from hera.ui.components.talk import shown, talk
from hera.ui.conversation import checked
from hera.ui.errors import Handler, shown_errors
from hera.ui.filming import Filming
from hera.ui.running import visitor
from hera.ui.words import WORDS

_A_FRAME = 0.8  # seconds: the answer changes in a word or two


def film_view(filming: Filming, message: gr.Textbox, settings: Sequence[Component]) -> gr.Accordion:
    """The folded view, hidden where there is no film; returns it, to be shown (`film_shown`) once
    it is known which model is served.

    Args:
        filming: the film; nothing of it is read before the view is opened.
        message: the question.
        settings: how answers are drawn, as `generation_settings` makes them.
    """
    words = WORDS.film
    view: gr.Accordion
    with gr.Accordion(words.heading, open=False, visible=filming.there, elem_id="film") as view:
        about = gr.Markdown(elem_id="film-about")
        with gr.Row():
            play = button(words.play, "film-play", primary=True)
            stop = button(words.stop, "film-stop")
        notice = gr.HTML(elem_id="film-notice")
        at = gr.Slider(1, 2, 1, step=1, label=words.at, buttons=[], elem_id="film-at")
        answer = talk("film-answer", words.answer, words.nothing_yet)
        curves = film_curves("film-curves")
    view.expand(partial(_open, filming), None, [about, at, curves], **AT_ONCE)
    at.input(None, [at, curves], [answer, curves], js=MOVE, **AT_ONCE)
    outputs: list[Component] = [at, answer, curves]
    event = play.click(
        _handler(filming),
        [message, *settings],
        outputs,
        show_progress="minimal",
        show_progress_on=answer,
        **ANSWERS,
        **ON_SCREEN,
    )
    announces(notice, [play.click], [message])
    stops(stop, [event], outputs)
    for end in (event.then, stop.click):  # one that is stopped or fails may have left it still
        end(_movable, None, at, **AT_ONCE)
    return view


def film_shown(filming: Filming) -> Any:
    """The view as it is to look now."""
    return gr.Accordion(visible=filming.there)


def _movable() -> Any:
    return gr.update(interactive=True)


def _open(filming: Filming) -> list[Any]:
    return next(shown_errors(_opened)(filming))


def _opened(filming: Filming) -> Iterator[list[Any]]:
    """What it is, the slider over its frames, and its curves, the last frame marked."""
    reel = filming.reel()
    film = reel.film
    last = len(film.frames) - 1
    about = WORDS.film.about.format(
        n=len(film.frames), stage=film.stage, rows=film.held_out_rows, questions=film.questions
    )
    lines = [about, WORDS.film.cost, *([film.note] if film.note else [])]
    yield ["\n\n".join(lines), gr.Slider(1, last + 1, last + 1), drawn(reel, last)]


def _handler(filming: Filming) -> Handler:
    """What plays; Gradio reads its annotations."""

    @shown_errors
    def play(request: gr.Request, message: str, *settings: Any) -> Iterator[list[Any]]:
        """All frames answer at once, the last one's text in sight; then they are shown in turn."""
        question, params = checked(message), params_from(settings)
        reel = filming.reel()
        last = len(reel.variants) - 1
        curves: Any = drawn(reel, last)  # without the answers to the question before
        for told in filming.tell(question, params, visitor(request)):
            text = waiting_text(told.step.ahead) or told.step.texts[reel.variants[last]]
            turns = shown([Message(role="assistant", content=text)])
            yield [gr.Slider(value=last + 1, interactive=False), turns, curves]
            curves = gr.skip()
        if told.step.finished[reel.variants[last]] == HELD:
            return
        film = drawn(reel, 0, told)
        for frame, turns in enumerate(film["answers"]):
            yield [frame + 1, turns, film | {"at": frame}]
            time.sleep(_A_FRAME if frame < last else 0)

    return play
