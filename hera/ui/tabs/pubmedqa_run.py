"""A run of the PubMedQA tab: begun, stopped, gone on with."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from functools import partial
from typing import Any

import gradio as gr
from gradio.components import Component

from hera.errors import InputError
from hera.ui import measuring
from hera.ui.asking import Asked, Asking
from hera.ui.components.events import ON_SCREEN, SCORES
from hera.ui.components.resume import Busy, stops_and_resumes
from hera.ui.components.running_plot import running_plot
from hera.ui.components.runs import Ended, ended, runs_html
from hera.ui.components.summary import ended_early, summary_text
from hera.ui.components.verdict import verdicts_html
from hera.ui.errors import shown_errors
from hera.ui.measured import Measured
from hera.ui.running import Score
from hera.ui.serving import Serving
from hera.ui.tabs.pubmedqa_screen import Screen
from hera.ui.words import WORDS


def runs(
    serving: Serving,
    asking: Asking,
    score: Score,
    settings: Sequence[Component],
    buttons: tuple[gr.Button, gr.Button, gr.Button],
    screen: Screen,
) -> None:
    """Let the buttons (start, stop, resume) do it; `settings` are a visitor's own questions, the
    variants, the number of questions and the seed."""
    start, stop, resume = buttons
    busy = gr.State(Busy())
    kept = [screen.run, screen.earlier, busy]
    outputs = [*screen.follows, resume]
    how = {"show_progress": "minimal", "show_progress_on": screen.summary, **SCORES, **ON_SCREEN}
    events = [
        start.click(partial(_begin, serving, asking, score), [*settings, *kept], outputs, **how),
        resume.click(partial(_go_on, serving, score), kept, outputs, **how),
    ]
    stops_and_resumes(stop, events, [screen.summary], screen.run, busy, resume)


@shown_errors
def _begin(
    serving: Serving,
    asking: Asking,
    score: Score,
    own: Asked | None,
    chosen: list[str],
    count: float,
    seed: float,
    before: Measured | None,
    earlier: list[Ended],
    busy: Busy,
) -> Iterator[Any]:
    asked = own or asking.now()
    questions = measuring.sample(asked, count, seed)
    names = measuring.ticked(serving.engine().variants, chosen)
    last = None if before is None else ended(before)
    run = Measured(asked, tuple(questions), int(seed), tuple(names))
    yield from _further(serving, score, run, [*earlier, *([last] if last else [])], busy)


@shown_errors
def _go_on(
    serving: Serving, score: Score, run: Measured | None, earlier: list[Ended], busy: Busy
) -> Iterator[Any]:
    """From where it was stopped: the questions that are left come in the same batches."""
    if run is None or run.complete:
        raise InputError(WORDS.pubmedqa.nothing_to_resume)
    yield from _further(serving, score, run, earlier, busy)


def _further(
    serving: Serving, score: Score, run: Measured, earlier: list[Ended], busy: Busy
) -> Iterator[list[Any]]:
    """What a screen `follows`, and whether there is something to resume, after each batch."""
    began, before = time.monotonic() - run.seconds, run.scored
    if not before:  # the first batch takes seconds, and longer where answers come first
        begun = WORDS.pubmedqa.begun.format(total=run.total, source=run.asked.name)
        yield [gr.skip(), gr.skip(), begun, *[gr.skip()] * 4, gr.Button(visible=False)]
    with busy.computing():
        try:
            for scored in score(run.left, list(run.variants)):
                run = run.further([*before, *scored], time.monotonic() - began)
                yield [*_shown(serving, run, earlier), gr.Button(visible=False)]
            yield [*[gr.skip()] * 5, _file(serving, run, began), *[gr.skip()] * 2]
        except Exception as error:  # whatever it is, what was scored until then stays
            if run.scores is not None:
                told = f"{ended_early(error)}\n\n{_summary(run)}"
                yield [gr.skip(), gr.skip(), told, *[gr.skip()] * 5]
            raise


def _file(serving: Serving, run: Measured, began: float) -> str:
    """results.json of a run that is complete."""
    if run.scores is None or not run.complete:
        return ""
    engine, questions = serving.engine(), list(run.questions)
    return measuring.results_text(
        run.asked, questions, run.scored, run.scores, engine, run.seed, began
    )


def _shown(serving: Serving, run: Measured, earlier: list[Ended]) -> list[Any]:
    if run.scores is None:
        return [gr.skip()] * 7
    this = ended(run)
    return [
        run,
        earlier,
        _summary(run),
        running_plot(run.scored, run.variants, run.total),
        verdicts_html(run.scores, run.total, len(run.asked.questions)),
        "",
        runs_html([*earlier, *([this] if this else [])], serving.planned),
    ]


def _summary(run: Measured) -> str:
    assert run.scores is not None
    told = summary_text(run.scores, run.total, run.asked.name)
    return "\n\n".join([told, *measuring.cut_note(run.scored)])
