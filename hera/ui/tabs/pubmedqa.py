"""The PubMedQA tab: variants scored live, question by question."""

from __future__ import annotations

import gradio as gr

from hera.ui.asking import Asking
from hera.ui.components.buttons import button
from hera.ui.components.questions import ITEMS
from hera.ui.components.report_buttons import saves_reports
from hera.ui.components.resume import resume_button
from hera.ui.components.sources import follow, number_of, sources
from hera.ui.documents.measurement import report_page
from hera.ui.documents.measurement_markdown import report_markdown
from hera.ui.running import Score
from hera.ui.serving import Serving
from hera.ui.tabs.abstract import abstract_view
from hera.ui.tabs.fair import fair_view
from hera.ui.tabs.forgot import forgot_view
from hera.ui.tabs.item_list import listing, lists
from hera.ui.tabs.pubmedqa_answers import answers_view
from hera.ui.tabs.pubmedqa_run import runs
from hera.ui.tabs.pubmedqa_screen import follow_run, screen
from hera.ui.tabs.reads import reads_view
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
        resume = resume_button("pqa-resume")
    shown = screen()
    listed = listing(ITEMS, "pqa", names, WORDS.questions.label, WORDS.filters.hint)
    answers_view(serving, shown, listed)
    saves_reports(serving, shown.reports, shown.run, "pubmedqa", report_page, report_markdown)
    runs(
        serving,
        asking,
        score,
        [parts.own, variants, count, seed],
        (start, stop, resume),
        shown,
    )
    follow_run(shown)
    lists(ITEMS, listed, shown.run, shown.live, start, variants)
    follow(tab, asking, parts, count, start)
    reads_view(serving, asking, score, parts.own, variants, seed)
    abstract_view(serving, asking, score, variants)
    forgot_view(serving)
    fair_view(serving, asking, parts.own, variants, seed)
    return variants
