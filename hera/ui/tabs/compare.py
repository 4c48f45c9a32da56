"""The Compare tab: one question, a column per variant, all streaming at once."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import gradio as gr
from gradio.components import Component

import hera.explain
from hera.explain.comparison import Comparison
from hera.types import GenerationParams, Message
from hera.ui.caring import held_text
from hera.ui.components.buttons import button
from hera.ui.components.columns import columns
from hera.ui.components.events import ANSWERS, AT_ONCE, ON_SCREEN
from hera.ui.components.generation import generation_settings, params_from
from hera.ui.components.notice import announces
from hera.ui.components.stop import stops
from hera.ui.components.tokens import legend
from hera.ui.errors import Handler, shown_errors
from hera.ui.explaining import Explain
from hera.ui.feedback import Feedback
from hera.ui.filming import Filming
from hera.ui.language import SPOKEN, language
from hera.ui.own import question
from hera.ui.running import Pair, Steps, visitor
from hera.ui.serving import Serving
from hera.ui.tabs.blind import blind_view
from hera.ui.tabs.columns import Looks, column_picker, follow, shown_columns
from hera.ui.tabs.differences import differences_view
from hera.ui.tabs.film import film_view
from hera.ui.tabs.keep import Answers, Screen, came_out, keep_view, opened_parts, opens
from hera.ui.tabs.luck import luck_view
from hera.ui.tabs.why import why_view
from hera.ui.view import View, requests
from hera.ui.words import WORDS

_METHODS = Path(hera.explain.__file__).parent


@dataclass(frozen=True)
class Parts:
    """What the rest of the app needs of the tab: the picker of columns, where they are shown, what
    a link fills (`hera.ui.tabs.keep.open_link`), what starts its answers, and the film's view,
    which not every model has."""

    picker: gr.Dropdown
    shown: gr.HTML
    opens: list[Component]
    begin: gr.HTML
    film: gr.Accordion


def compare_tab(
    serving: Serving,
    steps: Steps,
    explain: Explain,
    filming: Filming,
    pair: Pair,
    feedback: Feedback | None,
) -> Parts:
    """Build the tab."""
    words = WORDS.compare
    message = gr.Textbox(
        question(serving.own, serving.model),
        label=words.message,
        lines=2,
        elem_id="compare-message",
    )
    picker = column_picker(serving.planned)
    with gr.Row():
        start = button(words.start, "compare-start", primary=True)
        go_on = button(words.go_on, "compare-go-on")
        stop = button(words.stop, "compare-stop")
    notice = gr.HTML(elem_id="compare-notice")
    opened = opened_parts()
    compared, receipts, view = gr.State(None), gr.State({}), gr.State(View())
    shown = columns(shown_columns(serving, serving.planned, None, View()))
    why = gr.Checkbox(label=WORDS.why.show, info=WORDS.why.about, elem_id="compare-why")
    scale = gr.HTML(legend(), visible=False, elem_id="compare-legend")
    why_view(serving, explain, shown, compared)
    settings = generation_settings("compare")
    answers = _answers(serving, steps, explain)
    screen = Screen(message, picker, settings, notice, compared, receipts, view, shown)
    starts = [start.click, message.submit]
    runs = _runs(answers, screen, starts, go_on) + keep_view(serving, answers, screen, opened)
    for run in runs:
        run.success(partial(came_out, serving), [compared, opened.promise], opened.note, **AT_ONCE)
    announces(notice, [*starts, go_on.click], [message])
    stops(stop, runs, [shown])
    follow(serving, Looks(picker, compared, receipts, view, shown, why, scale), runs)
    differences_view(compared)
    luck_view(serving, explain, message, picker, settings)
    blind_view(serving, pair, feedback)
    film = film_view(filming, message, settings)
    with gr.Accordion(words.methods, open=False, elem_id="methods"):
        gr.Markdown(_method())
    return Parts(picker, shown, opens(screen, opened), opened.begin, film)


def _answers(serving: Serving, steps: Steps, explain: Explain) -> Answers:
    """What streams the columns, then scores their tokens and writes their receipts."""

    def answers(
        who: str, asked: dict[str, list[Message]], params: GenerationParams, view: View
    ) -> Iterator[Any]:
        compared = Comparison.begun(serving.engine().name, asked, params)
        for step, rates in steps(asked, params, who):
            compared = compared.at(step, rates)
            names = compared.variants
            yield compared, {}, shown_columns(serving, names, compared, view, ahead=step.ahead)
        if held_text(asked):
            return  # no model's tokens are there to be scored
        for told, receipts in explain.columns(compared):
            yield told, receipts, shown_columns(serving, told.variants, told, view, receipts)

    return answers


def _runs(answers: Answers, screen: Screen, starts: list[Any], go_on: gr.Button) -> list[Any]:
    """What compares anew, and what goes on."""
    given = [screen.message, screen.picker, screen.compared, screen.view, *screen.settings]
    options = {"show_progress": "minimal", **ANSWERS, **ON_SCREEN}
    return [
        gr.on(triggers, _handler(answers, goes_on=goes_on), given, screen.answers, **options)
        for triggers, goes_on in ((starts, False), ([go_on.click], True))
    ]


def _handler(answers: Answers, *, goes_on: bool) -> Handler:
    """What asks all columns, after what was said before or anew; Gradio reads its annotations."""

    @shown_errors
    def side_by_side(
        request: gr.Request,
        message: str,
        names: list[str],
        before: Comparison | None,
        view: View,
        *settings: Any,
    ) -> Iterator[Any]:
        asked = requests(message, names, before if goes_on else None, view.picked)
        yield from answers(visitor(request), asked, params_from(settings), view)

    return side_by_side


def _method() -> str:
    """How the views are computed, in the page's language."""
    name = "METHOD.md" if language() == SPOKEN[0] else f"METHOD.{language()}.md"
    return (_METHODS / name).read_text(encoding="utf-8")
