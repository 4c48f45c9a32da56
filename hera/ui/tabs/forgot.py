"""What it forgot: the base's loss and every variant's on fixed probes in ten kinds."""

from __future__ import annotations

import time
from collections.abc import Iterator
from functools import partial

import gradio as gr
from gradio.components import Component

from hera.errors import InputError
from hera.evaluation import records, results
from hera.evaluation.forgetting import (
    ForgotResult,
    ProbeLosses,
    as_scored,
    fixed_probes,
    forgot,
    forgot_result,
)
from hera.evaluation.provenance import run_facts
from hera.types import BASE
from hera.ui.components.buttons import button
from hera.ui.components.download import saves
from hera.ui.components.events import ON_SCREEN, SCORES
from hera.ui.components.forgot import forgot_html, probed_html
from hera.ui.components.stop import stops
from hera.ui.errors import shown_errors
from hera.ui.running import Probing, probing
from hera.ui.serving import Serving
from hera.ui.words import WORDS

_SEED = 42  # the command's: all probes are asked, so it draws nothing


def forgot_view(serving: Serving) -> None:
    """Lay it out, folded; it asks every variant that is served."""
    words = WORDS.forgot
    with gr.Accordion(words.heading, open=False, elem_id="forgot"):
        gr.Markdown(words.about)
        with gr.Row():
            start = button(words.start, "forgot-start", primary=True)
            stop = button(words.stop, "forgot-stop")
        found = gr.HTML(elem_id="forgot-found")
        download = saves(WORDS.pubmedqa.download, results.FILE, "forgot-download")
    outputs: list[Component] = [found, download]
    run = start.click(
        partial(_probe, serving, probing(serving)),
        None,
        outputs,
        show_progress="minimal",
        **SCORES,
        **ON_SCREEN,
    )
    stops(stop, [run], outputs)


@shown_errors
def _probe(serving: Serving, probe: Probing) -> Iterator[list[str]]:
    """What is known so far; what was lost is said once, when every probe is scored."""
    names = [name for name in serving.engine().variants if name != BASE]
    if not names:
        raise InputError(WORDS.forgot.alone)
    scored, began, file = list[ProbeLosses](), time.monotonic(), ""
    for scored, n in probe(names):
        told = probed_html(len(scored), n)
        if scored:
            if len(scored) == n:
                result = _result(serving, scored, names, began)
                told, file = forgot_html(result, serving.planned, judged=True), records.text(result)
            else:
                told += forgot_html(forgot(scored, names), serving.planned, judged=False)
        yield [told, file]


def _result(
    serving: Serving, scored: list[ProbeLosses], names: list[str], began: float
) -> ForgotResult:
    """What `python -m benchmarks.forgot` makes of them."""
    facts = run_facts(serving.engine(), began, partial=False)
    return forgot_result(as_scored(scored), fixed_probes(), scored, names, seed=_SEED, facts=facts)
