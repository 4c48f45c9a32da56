"""The PubMedQA tab: variants scored live, question by question."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from functools import partial
from typing import Any

import gradio as gr
from gradio.components import Component

from hera.data import Question
from hera.evaluation import results
from hera.evaluation.scoring import Scored
from hera.ui import measuring
from hera.ui.asking import Asked, Asking
from hera.ui.components.buttons import button
from hera.ui.components.download import saves
from hera.ui.components.events import AT_ONCE, ON_SCREEN, SCORES
from hera.ui.components.figures import confusion_figure
from hera.ui.components.questions import detail_html, table_headers, table_row
from hera.ui.components.sources import follow, number_of, sources
from hera.ui.components.stop import stops
from hera.ui.components.summary import summary_text
from hera.ui.errors import shown_errors
from hera.ui.running import Score
from hera.ui.serving import Serving
from hera.ui.tabs.forgot import forgot_view
from hera.ui.words import WORDS


def pubmedqa_tab(tab: gr.Tab, serving: Serving, asking: Asking, score: Score) -> gr.CheckboxGroup:
    """Fill the tab; returns the variant picker, whose choices the model decides."""
    words, names = WORDS.pubmedqa, list(serving.planned)
    gr.Markdown(words.about)
    parts = sources(asking)
    with gr.Row():
        variants = gr.CheckboxGroup(
            names, value=names, label=words.variants, elem_id="pqa-variants"
        )
        count = number_of(asking)
        seed = gr.Number(42, precision=0, label=words.seed, elem_id="pqa-seed")
    with gr.Row():
        ready = asking.state == "ready"
        start = button(words.start, "pqa-start", primary=True, interactive=ready)
        stop = button(words.stop, "pqa-stop")
    summary = gr.Markdown(latex_delimiters=[], elem_id="pqa-summary")
    download = saves(words.download, results.FILE, "pqa-download")
    picture = gr.Plot(label=WORDS.figure.label, show_label=False, elem_id="pqa-picture")
    table = _table(names)
    detail = gr.HTML(elem_id="pqa-detail")
    rows = gr.State([])
    outputs: list[Component] = [summary, picture, table, rows, detail, download]
    event = start.click(
        partial(_score, serving, asking, score),
        [parts.own, variants, count, seed],
        outputs,
        show_progress="minimal",
        show_progress_on=summary,
        **SCORES,
        **ON_SCREEN,
    )
    stops(stop, [event], [summary])
    follow(tab, asking, parts, count, start)
    table.select(_show, rows, detail, **AT_ONCE)
    forgot_view(serving)
    return variants


def _table(variants: Sequence[str]) -> gr.Dataframe:
    return gr.Dataframe(
        headers=table_headers(variants),
        label=WORDS.questions.label,
        interactive=False,
        wrap=True,
        max_height=420,
        column_widths=["90px", "560px", "80px", *["130px"] * len(variants)],
        elem_id="pqa-table",
    )


@shown_errors
def _score(
    serving: Serving,
    asking: Asking,
    score: Score,
    own: Asked | None,
    chosen: list[str],
    count: float,
    seed: float,
) -> Iterator[Any]:
    """The summary, the picture, the table, its rows, no question in full, and the file at last."""
    asked = own or asking.now()
    questions = measuring.sample(asked, count, seed)
    by_id = {question.id: question for question in questions}
    names = measuring.ticked(serving.engine().variants, chosen)
    began = time.monotonic()
    for scored in score(questions, names):
        scores = measuring.scores_so_far(asked, questions, scored, names, int(seed))
        file = ""
        if len(scored) == len(questions):
            file = measuring.results_text(
                asked, questions, scored, scores, serving.engine(), int(seed), began
            )
        rows = [(by_id[s.id], s) for s in scored]
        yield (
            "\n\n".join(
                [summary_text(scores, len(questions), asked.name), *measuring.cut_note(scored)]
            ),
            confusion_figure(scores.variants, asked.name),
            gr.Dataframe(
                [table_row(q, s) for q, s in rows],
                headers=table_headers(names),
                label=WORDS.questions.label_of.format(source=asked.name),
            ),
            rows,
            "",
            file,
        )


def _show(rows: list[tuple[Question, Scored]], picked: gr.SelectData) -> str:
    # By the id in the row, not by its place: the visitor may have sorted the table.
    wanted = str(picked.row_value[0])
    return next((detail_html(q, s) for q, s in rows if q.id == wanted), "")
