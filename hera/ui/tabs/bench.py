"""A benchmark of the picker: asked, watched, stopped, listed, saved."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any

import gradio as gr

from hera.errors import InputError
from hera.evaluation import results
from hera.types import Engine
from hera.ui.bench.running import run as asked
from hera.ui.bench.state import Bench, Kind, Own, Settings, State
from hera.ui.components.buttons import button
from hera.ui.components.download import saves
from hera.ui.components.events import ON_SCREEN
from hera.ui.components.report_buttons import report_buttons, saves_reports
from hera.ui.components.resume import Busy, resume_button, stops_and_resumes
from hera.ui.components.running_plot import running_plot
from hera.ui.components.runs import Ended, ended, runs_html
from hera.ui.components.summary import ended_early
from hera.ui.components.told import told_html
from hera.ui.components.verdict import verdicts_html
from hera.ui.components.written import filled
from hera.ui.documents.bench import bench_markdown, bench_page
from hera.ui.errors import shown_errors
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
            resume = resume_button(f"{name}-resume")
        run = gr.State(None)
        summary = gr.HTML(
            elem_id=f"{name}-summary", elem_classes="bench-summary", apply_default_css=False
        )
        with gr.Row(elem_id=f"{name}-result", elem_classes=["bench-result", "begun"]):
            live = _part(f"{name}-live")
            verdicts = _part(f"{name}-verdicts")
        with gr.Row(elem_classes=["bench-save", "begun"]):
            download = saves(shared.download, results.FILE, f"{name}-download")
            reports = report_buttons(name)
        runs = _part(f"{name}-runs")
        listed = listing(kind, name, names, own_words.rows, words.hint)
    if file is not None:
        follow_file(file, own, count, start)
    made = (partial(_page, kind, own_words.plot), partial(_markdown, kind))
    saves_reports(serving, reports, run, name, *made)
    earlier, busy = gr.State([]), gr.State(Busy())
    kept, outputs = (
        [run, earlier, busy],
        [run, earlier, runs, summary, live, verdicts, download, resume],
    )
    how = {"show_progress": "minimal", "show_progress_on": summary, **queue, **ON_SCREEN}
    events = [
        start.click(
            partial(_begin, serving, bench), [own, variants, count, seed, *kept], outputs, **how
        ),
        resume.click(partial(_go_on, serving, bench), kept, outputs, **how),
    ]
    stops_and_resumes(stop, events, [summary], run, busy, resume)
    lists(kind, listed, run, live, start, variants)
    return View(column, variants)


@shown_errors
def _begin(
    serving: Serving,
    bench: Bench,
    own: Own | None,
    chosen: list[str],
    count: float,
    seed: float,
    before: State | None,
    earlier: list[Ended],
    busy: Busy,
) -> Iterator[list[Any]]:
    last = None if before is None else _ended(before)
    settings = Settings(own, count, seed, tuple(chosen))
    yield from _further(serving, bench, settings, None, [*earlier, *([last] if last else [])], busy)


@shown_errors
def _go_on(
    serving: Serving, bench: Bench, before: State | None, earlier: list[Ended], busy: Busy
) -> Iterator[list[Any]]:
    if before is None or before.complete:
        raise InputError(WORDS.pubmedqa.nothing_to_resume)
    yield from _further(serving, bench, before.settings, before, earlier, busy)


def _further(
    serving: Serving,
    bench: Bench,
    settings: Settings,
    before: State | None,
    earlier: list[Ended],
    busy: Busy,
) -> Iterator[list[Any]]:
    """What a view shows after each step: `outputs` there."""
    with busy.computing():
        summary = ""
        try:
            for state in asked(bench, settings, before):
                this = _ended(state)
                runs = runs_html([*earlier, *([this] if this else [])], serving.planned)
                shown = _shown(state, WORDS.bench.kinds[bench.name].plot)
                summary = shown[0] if state.done else ""
                yield [state, earlier, runs, *shown, gr.Button(visible=False)]
        except Exception as error:  # whatever it is, what was scored until then stays
            if summary:
                told = f"<p>{ended_early(error)}</p>{summary}"
                yield [*[gr.skip()] * 3, told, *[gr.skip()] * 4]
            raise


def _ended(run: State) -> Ended | None:
    return None if run.said.compared is None else ended(run)


def _page(kind: Kind, plot: str, run: State, engine: Engine) -> str:
    return bench_page(run, kind, plot, engine)


def _markdown(kind: Kind, run: State, engine: Engine) -> str:
    return bench_markdown(run, kind, engine)


def _shown(state: State, about: str) -> list[Any]:
    said = state.said
    if said.told is None:
        begun = WORDS.bench.begun
        return [filled(begun, total=str(state.total), name=state.name), "", "", ""]
    scored = {"n": str(len(state.done)), "total": str(state.total), "source": state.name}
    text = f"<p>{filled(said.told.heading, **scored)}</p>{told_html(said.told)}"
    if said.compared is None:
        return [text, _progress(state), "", said.file]
    plot = running_plot(state.scored, state.variants, state.total, about)
    verdicts = verdicts_html(said.compared, state.total, state.there)
    return [text, plot, verdicts, said.file]


def _progress(state: State) -> str:
    """How far it is; out of sight once all are answered."""
    done, hidden = len(state.done), " hidden" if state.complete else ""
    numbers = f'value="{done}" max="{state.total}" aria-label="{done}/{state.total}"'
    return f"<progress {numbers}{hidden}></progress>"


def _part(elem_id: str) -> gr.HTML:
    return gr.HTML(elem_id=elem_id, elem_classes="bench-part", apply_default_css=False)
