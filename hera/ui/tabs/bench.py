"""A benchmark of the picker: asked, watched, stopped, listed, saved."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import gradio as gr

from hera.evaluation import results
from hera.ui.bench.state import Bench, Kind, Own, State
from hera.ui.components.buttons import button
from hera.ui.components.download import saves
from hera.ui.components.events import ON_SCREEN
from hera.ui.components.running_plot import running_plot
from hera.ui.components.stop import stops
from hera.ui.components.verdict import verdicts_html
from hera.ui.errors import Handler, shown_errors
from hera.ui.serving import Serving
from hera.ui.tabs.bench_file import follow_file, own_file
from hera.ui.tabs.item_list import listing, lists
from hera.ui.words import WORDS


@dataclass(frozen=True)
class View:
    """One benchmark of the picker on the screen."""

    column: gr.Column
    variants: gr.CheckboxGroup


def bench_view(
    serving: Serving, bench: Bench, kind: Kind, queue: dict[str, Any], most: int, few: int
) -> View:
    """Lay it out, not in sight.

    Args:
        serving: whom to ask.
        bench: what is asked.
        kind: how its items are listed.
        queue: what the run waits with, see `components.events`.
        most: how many items one run may ask.
        few: how many it asks unless the visitor says so.
    """
    words, own_words, name = WORDS.bench, WORDS.bench.kinds[bench.name], bench.name
    shared, names = WORDS.pubmedqa, list(serving.planned)
    with gr.Column(visible=False, elem_id=name, elem_classes="bench") as column:
        gr.Markdown(own_words.about)
        own, file = gr.State(None), None if bench.there else own_file()
        with gr.Row():
            variants = gr.CheckboxGroup(
                names, value=names, label=shared.variants, elem_id=f"{name}-variants"
            )
            count = gr.Slider(
                1, most, min(few, most), step=1, label=own_words.count, elem_id=f"{name}-count"
            )
            seed = gr.Number(42, precision=0, label=shared.seed, elem_id=f"{name}-seed")
        with gr.Row():
            start = button(shared.start, f"{name}-start", primary=True, interactive=file is None)
            stop = button(shared.stop, f"{name}-stop")
        run = gr.State(None)
        summary = gr.Markdown(
            latex_delimiters=[], elem_id=f"{name}-summary", elem_classes="bench-summary"
        )
        with gr.Row(elem_id=f"{name}-result", elem_classes=["bench-result", "begun"]):
            live = _part(f"{name}-live")
            verdicts = _part(f"{name}-verdicts")
        with gr.Column(elem_classes="bench-save"):
            download = saves(shared.download, results.FILE, f"{name}-download")
        listed = listing(kind, name, names, own_words.rows, words.hint)
    if file is not None:
        follow_file(file, own, count, start)
    outputs = [run, summary, live, verdicts, download]
    event = start.click(
        _handler(bench),
        [own, variants, count, seed],
        outputs,
        show_progress="minimal",
        show_progress_on=summary,
        **queue,
        **ON_SCREEN,
    )
    stops(stop, [event], [summary])
    lists(kind, listed, run, live, start, variants)
    return View(column, variants)


def _handler(bench: Bench) -> Handler:
    """What asks; Gradio reads its annotations."""

    @shown_errors
    def asked_bench(
        own: Own | None, chosen: list[str], count: float, seed: float
    ) -> Iterator[list[Any]]:
        """What a view shows after each step: `outputs` there."""
        for state in bench.run(own, count, seed, chosen):
            yield [state, *_shown(state, WORDS.bench.kinds[bench.name].plot)]

    return asked_bench


def _shown(state: State, about: str) -> list[Any]:
    if not state.rows:
        begun = WORDS.bench.begun.format(total=state.total, name=state.name)
        return [begun, "", "", ""]
    if state.compared is None:
        return [state.told, _progress(state), "", state.file]
    plot = running_plot(state.scored, state.variants, state.total, about)
    verdicts = verdicts_html(state.compared, state.total, state.there)
    return [state.told, plot, verdicts, state.file]


def _progress(state: State) -> str:
    """How far it is; out of sight once all are answered."""
    done, hidden = len(state.rows), " hidden" if state.file else ""
    numbers = f'value="{done}" max="{state.total}" aria-label="{done}/{state.total}"'
    return f"<progress {numbers}{hidden}></progress>"


def _part(elem_id: str) -> gr.HTML:
    return gr.HTML(elem_id=elem_id, elem_classes="bench-part", apply_default_css=False)
