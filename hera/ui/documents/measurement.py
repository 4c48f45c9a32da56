"""A PubMedQA run as one HTML file: no script, nothing that is fetched."""

from __future__ import annotations

import html
from pathlib import Path

from hera.evaluation.results import PubmedqaScores
from hera.types import Engine
from hera.ui.components.pictures import picture_choices, picture_html
from hera.ui.components.questions import table_headers, table_row
from hera.ui.components.running_plot import running_plot
from hera.ui.components.summary import references, variant_row
from hera.ui.components.verdict import verdicts_html
from hera.ui.documents.frame import STYLE, document
from hera.ui.documents.measurement_parts import about, weights
from hera.ui.language import language
from hera.ui.measured import Measured
from hera.ui.words import WORDS

_CSS = STYLE + "\n".join(
    path.read_text(encoding="utf-8")
    for path in (
        Path(__file__).parent.parent / "measured.css",
        Path(__file__).with_name("measurement.css"),
    )
)


def report_page(run: Measured, engine: Engine) -> str:
    """The file of a run of which something is scored."""
    words, scores = WORDS.report, run.scores
    assert scores is not None
    title = words.title.format(source=run.asked.name)
    told = "\n".join(html.escape(line) for line in about(run, engine))
    pictures = "".join(
        f'<section><h2>{html.escape(text)}</h2><div class="pictures">{picture_html(run, kind)}'
        "</div></section>"
        for text, kind in picture_choices()
    )
    body = (
        f"<h1>{html.escape(title)}</h1>"
        f'<p class="made">{told}</p>'
        f"<section><h2>{html.escape(words.results)}</h2>{_table(scores)}"
        f"{running_plot(run.scored, run.variants, run.total)}</section>"
        f"{_verdicts(run, scores)}{pictures}{_questions(run)}{_weights(engine)}"
    )
    return document(title, body, css=_CSS, lang=language())


def _table(scores: PubmedqaScores) -> str:
    words = WORDS.summary
    columns = (words.variant, words.accuracy, words.interval, words.macro_f1, words.calibration)
    head = "".join(f"<th scope=col>{html.escape(text)}</th>" for text in columns)
    rows = [variant_row(name, variant) for name, variant in scores.variants.items()]
    rows += [[text, share, "", "", ""] for text, share in references(scores)]
    body = "".join(f"<tr>{''.join(map(_cell, row))}</tr>" for row in rows)
    return f'<div class="scrolls"><table class="numbers">{_thead(head)}{body}</table></div>'


def _verdicts(run: Measured, scores: PubmedqaScores) -> str:
    told = verdicts_html(scores, run.total, len(run.asked.questions))
    heading = html.escape(WORDS.report.verdicts)
    return f"<section><h2>{heading}</h2>{told}</section>" if told else ""


def _questions(run: Measured) -> str:
    head = "".join(f"<th scope=col>{html.escape(t)}</th>" for t in table_headers(run.variants))
    body = "".join(f"<tr>{''.join(map(_cell, table_row(*row)))}</tr>" for row in run.rows)
    return (
        f"<details><summary>{html.escape(WORDS.report.questions)}</summary>"
        f'<div class="scrolls"><table>{_thead(head)}{body}</table></div></details>'
    )


def _weights(engine: Engine) -> str:
    rows = "".join(f"<tr>{_cell(name)}{_cell(sha)}</tr>" for name, sha in weights(engine))
    return f"<details><summary>{WORDS.kept.weights}</summary><table>{rows}</table></details>"


def _thead(head: str) -> str:
    return f"<thead><tr>{head}</tr></thead>"


def _cell(text: str) -> str:
    return f'<td dir="auto">{html.escape(text)}</td>'
