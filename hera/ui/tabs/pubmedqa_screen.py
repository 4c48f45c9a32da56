"""Where the PubMedQA tab shows a run: its numbers, its plot, its sentences, its pictures."""

from __future__ import annotations

from dataclasses import dataclass

import gradio as gr
from gradio.components import Component

from hera.evaluation import results
from hera.ui.components.download import saves
from hera.ui.components.events import AT_ONCE
from hera.ui.components.pictures import CONFUSION, picture_choices, picture_html
from hera.ui.components.report_buttons import report_buttons
from hera.ui.measured import Measured
from hera.ui.words import WORDS


@dataclass(frozen=True)
class Screen:
    """The parts; `run` is what is shown, `earlier` what is left of the runs before it, `reports`
    save it as HTML and as Markdown."""

    run: gr.State
    earlier: gr.State
    summary: gr.Markdown
    live: gr.HTML
    verdicts: gr.HTML
    download: gr.HTML
    reports: tuple[gr.Button, gr.Button]
    kind: gr.Radio
    picture: gr.HTML
    runs: gr.HTML

    @property
    def follows(self) -> list[Component]:
        """What a run changes with each step: see `pubmedqa_run`."""
        return [
            self.run,
            self.earlier,
            self.summary,
            self.live,
            self.verdicts,
            self.download,
            self.runs,
        ]


def screen() -> Screen:
    """Lay it out."""
    run, earlier = gr.State(None), gr.State([])
    summary = gr.Markdown(latex_delimiters=[], elem_id="pqa-summary")
    with gr.Row(elem_id="pqa-result"):
        live = _part("pqa-live")
        verdicts = _part("pqa-verdicts")
    words = WORDS.pubmedqa
    with gr.Row(elem_id="pqa-saves"):
        download = saves(words.download, results.FILE, "pqa-download")
        reports = report_buttons("pqa")
    runs = _part("pqa-runs")
    kind = gr.Radio(
        picture_choices(), value=CONFUSION, label=WORDS.pictures.label, elem_id="pqa-kind"
    )
    picture = _part("pqa-picture", "pictures")
    return Screen(run, earlier, summary, live, verdicts, download, reports, kind, picture, runs)


def follow_run(shown: Screen) -> None:
    """Let the picture follow the run and the choice. The running plot tells of each step: what
    follows it reads the visitor's choice of that moment, which the run itself cannot."""
    for changes in (shown.live.change, shown.kind.change):
        changes(_picture, [shown.run, shown.kind], shown.picture, show_progress="hidden", **AT_ONCE)


def _picture(run: Measured | None, kind: str) -> str:
    return "" if run is None else picture_html(run, kind)


def _part(elem_id: str, elem_class: str | None = None) -> gr.HTML:
    return gr.HTML(elem_id=elem_id, elem_classes=elem_class, apply_default_css=False)
