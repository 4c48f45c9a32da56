"""Fair prompts: the PubMedQA tab's questions in eight prompts, each variant with its own best."""

from __future__ import annotations

import time
from collections.abc import Iterator

import gradio as gr
from gradio.components import Component

from hera.data import Question
from hera.evaluation import records, results
from hera.evaluation.fair_prompts import (
    FairResult,
    fair_header,
    fair_prompts,
    in_all_prompts,
    under_prompts,
)
from hera.evaluation.provenance import run_facts
from hera.evaluation.scoring import PROMPTS, Scored
from hera.ui import measuring
from hera.ui.asking import Asked, Asking
from hera.ui.components.buttons import button
from hera.ui.components.download import saves
from hera.ui.components.events import ON_SCREEN, SCORES
from hera.ui.components.fair import asked_html, fair_html, prompts_html, so_far_html
from hera.ui.components.stop import stops
from hera.ui.errors import Handler, shown_errors
from hera.ui.running import Score, scoring_prompts
from hera.ui.serving import Serving
from hera.ui.words import WORDS

_FEWEST, _USUALLY, _MOST = 10, 40, 200  # questions, each of them scored eight times


def fair_view(
    serving: Serving,
    asking: Asking,
    own: gr.State,
    variants: gr.CheckboxGroup,
    seed: gr.Number,
) -> None:
    """Lay it out, folded; it asks the tab's questions of the variants that are ticked there."""
    words = WORDS.fair
    with gr.Accordion(words.heading, open=False, elem_id="fair"):
        gr.Markdown(words.about)
        with gr.Row(equal_height=False):
            count = gr.Slider(
                _FEWEST, _MOST, _USUALLY, step=1, label=words.count, elem_id="fair-count"
            )
            start = button(words.start, "fair-start", primary=True)
            stop = button(words.stop, "fair-stop")
        found = gr.HTML(elem_id="fair-found")
        download = saves(WORDS.pubmedqa.download, results.FILE, "fair-download")
        gr.HTML(prompts_html(), elem_id="fair-prompts")
    outputs: list[Component] = [found, download]
    run = start.click(
        _handler(serving, asking, scoring_prompts(serving)),
        [own, variants, count, seed],
        outputs,
        show_progress="minimal",
        **SCORES,
        **ON_SCREEN,
    )
    stops(stop, [run], outputs)


def _handler(serving: Serving, asking: Asking, score: Score) -> Handler:
    """What asks; Gradio reads its annotations."""

    @shown_errors
    def asked_in_all_prompts(
        own: Asked | None, chosen: list[str], count: float, seed: float
    ) -> Iterator[list[str]]:
        """How far it is and what is known by then; what follows is said once all is scored."""
        source, began = own or asking.now(), time.monotonic()
        questions = measuring.sample(source, count, seed)
        names = measuring.ticked(serving.engine().variants, chosen)
        total = len(questions) * len(PROMPTS)
        yield [asked_html(0, total), ""]
        scored: list[Scored] = []
        for scored in score(questions, names):
            if len(scored) < total:
                so_far = _so_far(serving, questions, scored, names)
                yield [asked_html(len(scored), total) + so_far, ""]
        found = fair_prompts(in_all_prompts(questions, scored), names, seed=int(seed))
        if found is None:
            yield ["", ""]
            return
        head = fair_header(source.ref, source.split, questions, int(seed))
        facts = run_facts(serving.engine(), began, partial=False)
        file = FairResult.of({**head, **found.plain(), **facts})
        yield [fair_html(found, serving.planned), records.text(file)]

    return asked_in_all_prompts


def _so_far(
    serving: Serving, questions: list[Question], scored: list[Scored], names: list[str]
) -> str:
    whole = in_all_prompts(questions, scored)
    if not whole:
        return ""
    return so_far_html(len(whole), under_prompts(whole, names), serving.planned)
