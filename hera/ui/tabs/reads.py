"""Does it read? The PubMedQA tab's questions with the abstract changed."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

import gradio as gr
from gradio.components import Component

from hera.evaluation import records, results
from hera.evaluation.altered import altered
from hera.evaluation.provenance import run_facts
from hera.evaluation.reading import ReadsResult, reads, reads_header
from hera.evaluation.reading import asked as all_forms
from hera.evaluation.shortcuts import non_readers
from hera.ui import measuring
from hera.ui.asking import Asked, Asking
from hera.ui.components.buttons import button
from hera.ui.components.download import saves
from hera.ui.components.events import ON_SCREEN, SCORES
from hera.ui.components.reads import progress_html, reads_html
from hera.ui.components.reads_figure import reads_figure
from hera.ui.components.stop import stops
from hera.ui.errors import Handler, shown_errors
from hera.ui.running import Score
from hera.ui.serving import Serving
from hera.ui.words import WORDS

_MOST = 200  # questions, each of them scored about four times
_SELDOM = 5  # times what it takes to work the numbers out, until they are worked out again


def reads_view(
    serving: Serving,
    asking: Asking,
    score: Score,
    own: gr.State,
    variants: gr.CheckboxGroup,
    seed: gr.Number,
) -> None:
    """Lay it out, folded; it asks the tab's questions of the variants that are ticked there."""
    words = WORDS.reads
    with gr.Accordion(words.heading, open=False, elem_id="reads"):
        gr.Markdown(words.about)
        with gr.Row(equal_height=False):
            count = gr.Slider(10, _MOST, 60, step=1, label=words.count, elem_id="reads-count")
            start = button(words.start, "reads-start", primary=True)
            stop = button(words.stop, "reads-stop")
        found = gr.HTML(elem_id="reads-found")
        picture = gr.Plot(label=words.figure, show_label=False, elem_id="reads-picture")
        download = saves(WORDS.pubmedqa.download, results.FILE, "reads-download")
    outputs: list[Component] = [found, picture, download]
    run = start.click(
        _handler(serving, asking, score),
        [own, variants, count, seed],
        outputs,
        show_progress="minimal",
        show_progress_on=found,
        **SCORES,
        **ON_SCREEN,
    )
    stops(stop, [run], outputs)


def _handler(serving: Serving, asking: Asking, score: Score) -> Handler:
    """What asks; Gradio reads its annotations."""

    @shown_errors
    def asked_changed(
        own: Asked | None, chosen: list[str], count: float, seed: float
    ) -> Iterator[list[Any]]:
        """How far it is, what is known by then, and at last the picture."""
        source, started = own or asking.now(), time.monotonic()
        questions = measuring.sample(source, count, seed)
        names = measuring.ticked(serving.engine().variants, chosen)
        made = altered(questions, int(seed))
        every = all_forms(made)
        yield [progress_html(0, len(every)), None, ""]
        guesses, told, again = non_readers(), "", 0.0
        for scored in score(every, names):
            done, begun = len(scored) == len(every), time.monotonic()
            known = None
            if done or begun >= again:
                known = reads(made, scored, names, seed=int(seed), guesses=guesses)
                again = time.monotonic() + _SELDOM * (time.monotonic() - begun)
            if known is not None:
                told = reads_html(known, serving.planned, judged=done)
            if not done or known is None:
                yield [progress_html(len(scored), len(every)) + told, gr.skip(), gr.skip()]
                continue
            head = reads_header(
                *(source.ref, source.split, questions, every), prompt="hera", seed=int(seed)
            )
            facts = run_facts(serving.engine(), started, partial=False)
            file = ReadsResult.of({**head, **known.plain(), **facts})
            yield [told, reads_figure(known, serving.planned), records.text(file)]

    return asked_changed
