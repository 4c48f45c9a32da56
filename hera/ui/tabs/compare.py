"""The Compare tab: one question, a column per variant, all streaming at once."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import gradio as gr

from hera.explain.comparison import Comparison
from hera.types import BASE
from hera.ui.components.buttons import button
from hera.ui.components.columns import Beside, columns, columns_html
from hera.ui.components.differences import differences_html
from hera.ui.components.events import ANSWERS, AT_ONCE, ON_SCREEN
from hera.ui.components.generation import generation_settings, params_from
from hera.ui.components.notice import announces
from hera.ui.components.stop import stops
from hera.ui.components.tokens import legend
from hera.ui.errors import Handler, shown_errors
from hera.ui.explaining import Explain
from hera.ui.feedback import Feedback
from hera.ui.running import Pair, Steps, visitor
from hera.ui.serving import Serving
from hera.ui.tabs.blind import blind_view
from hera.ui.tabs.why import why_view
from hera.ui.view import View, after, requests
from hera.ui.words import WORDS


@dataclass(frozen=True)
class Parts:
    """What the rest of the app needs of the tab: the picker of columns and where they are shown."""

    picker: gr.Dropdown
    shown: gr.HTML


def compare_tab(
    serving: Serving, steps: Steps, explain: Explain, pair: Pair, feedback: Feedback | None
) -> Parts:
    """Build the tab."""
    words = WORDS.compare
    message = gr.Textbox(words.example, label=words.message, lines=2, elem_id="compare-message")
    picker = column_picker(serving.planned)
    with gr.Row():
        start = button(words.start, "compare-start", primary=True)
        go_on = button(words.go_on, "compare-go-on")
        stop = button(words.stop, "compare-stop")
    notice = gr.HTML(elem_id="compare-notice")
    compared, view = gr.State(None), gr.State(View())
    shown = columns(_html(serving, serving.planned, None, View()))
    why = gr.Checkbox(label=WORDS.why.show, info=WORDS.why.about, elem_id="compare-why")
    scale = gr.HTML(legend(), visible=False, elem_id="compare-legend")
    why_view(serving, explain, shown, compared)
    _differences(compared)
    blind_view(serving, pair, feedback)
    settings = generation_settings("compare")
    given, outputs = [message, picker, compared, view, *settings], [compared, shown]
    fresh, further = _handlers(serving, steps, explain)
    runs = [
        gr.on(triggers, handler, given, outputs, show_progress="minimal", **ANSWERS, **ON_SCREEN)
        for triggers, handler in (
            ([start.click, message.submit], fresh),
            ([go_on.click], further),
        )
    ]
    announces(notice, [start.click, message.submit, go_on.click], [message])
    stops(stop, runs, [shown])
    _follow(serving, picker, compared, view, shown, why, scale)
    return Parts(picker, shown)


def column_picker(served: Sequence[str]) -> gr.Dropdown:
    """The variants that are shown, in their order; others can be typed."""
    words = WORDS.compare
    return gr.Dropdown(
        suggestions(served),
        value=list(served),
        multiselect=True,
        allow_custom_value=True,
        label=words.columns,
        info=words.columns_info,
        elem_id="compare-picker",
    )


def suggestions(served: Sequence[str]) -> list[str]:
    """Variants that can be shown: those that are served, and what can be made of them."""
    adapters = [name for name in served if name != BASE]
    made = [f"{name}@0.5" for name in adapters]
    made += ["+".join(adapters)] if len(adapters) > 1 else []
    return [*served, *made, *(f"{name}~1" for name in adapters)]


def _html(
    serving: Serving, names: Sequence[str], compared: Comparison | None, view: View, ahead: int = 0
) -> str:
    return columns_html(names, compared, view, Beside(serving.planned, ahead=ahead))


def _handlers(serving: Serving, steps: Steps, explain: Explain) -> tuple[Handler, Handler]:
    """What compares anew, and what goes on; Gradio reads their annotations."""

    def answers(
        who: str,
        message: str,
        names: list[str],
        before: Comparison | None,
        view: View,
        settings: Sequence[Any],
    ) -> Iterator[Any]:
        asked = requests(message, names, before, view.picked)
        params = params_from(settings)
        compared = Comparison.begun(serving.engine().name, asked, params)
        for step, rates in steps(asked, params, who):
            compared = compared.at(step, rates)
            yield compared, _html(serving, compared.variants, compared, view, step.ahead)
        for told in explain.columns(compared):
            yield told, _html(serving, told.variants, told, view)

    @shown_errors
    def side_by_side(
        request: gr.Request,
        message: str,
        names: list[str],
        _: Comparison | None,
        view: View,
        *settings: Any,
    ) -> Iterator[Any]:
        yield from answers(visitor(request), message, names, None, view, settings)

    @shown_errors
    def going_on(
        request: gr.Request,
        message: str,
        names: list[str],
        before: Comparison | None,
        view: View,
        *settings: Any,
    ) -> Iterator[Any]:
        yield from answers(visitor(request), message, names, before, view, settings)

    return side_by_side, going_on


def _follow(
    serving: Serving,
    picker: gr.Dropdown,
    compared: gr.State,
    view: gr.State,
    shown: gr.HTML,
    why: gr.Checkbox,
    scale: gr.HTML,
) -> None:
    """Let the columns follow what the visitor picks, moves, widens and colours."""

    def edit(
        names: list[str], compared: Comparison | None, view: View, event: gr.EventData
    ) -> tuple[list[str], View, str]:
        columns, looked = after(event._data or {}, names, view)
        return columns, looked, _html(serving, columns, compared, looked)

    def colour(
        on: bool, names: list[str], compared: Comparison | None, view: View
    ) -> tuple[View, str, Any]:
        looked = replace(view, why=on)
        return looked, _html(serving, names, compared, looked), gr.HTML(visible=on)

    def pick(names: list[str], compared: Comparison | None, view: View) -> str:
        return _html(serving, names, compared, view)

    shown.edit(edit, [picker, compared, view], [picker, view, shown], **AT_ONCE)
    why.change(colour, [why, picker, compared, view], [view, shown, scale], **AT_ONCE)
    picker.change(pick, [picker, compared, view], shown, **AT_ONCE)


def _differences(compared: gr.State) -> None:
    """Two answers word by word, on demand."""
    words = WORDS.compare
    with gr.Accordion(words.differences, open=False, elem_id="compare-words") as part:
        gr.Markdown(words.differences_about)
        with gr.Row():
            one = gr.Dropdown([], label=words.one, elem_id="compare-words-one")
            other = gr.Dropdown([], label=words.other, elem_id="compare-words-other")
        told = gr.HTML(elem_id="compare-words-told")

    def offer(compared: Comparison | None) -> tuple[Any, Any, str]:
        names = list(compared.variants) if compared is not None else []
        pair = (names[0], names[-1]) if names else (None, None)
        return (
            gr.Dropdown(names, value=pair[0]),
            gr.Dropdown(names, value=pair[1]),
            tell(compared, *pair),
        )

    def tell(compared: Comparison | None, one: str | None, other: str | None) -> str:
        found = [compared.column(name) if compared and name else None for name in (one, other)]
        if found[0] is None or found[1] is None:
            return f"<p>{words.nothing_to_compare}</p>"
        return differences_html(found[0].text, found[1].text) or f"<p>{words.same}</p>"

    part.expand(offer, compared, [one, other, told], **AT_ONCE)
    for each in (one, other):
        each.input(tell, [compared, one, other], told, **AT_ONCE)
