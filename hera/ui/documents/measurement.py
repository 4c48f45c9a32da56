"""A PubMedQA run as one HTML file: no script, nothing that is fetched."""

from __future__ import annotations

from collections.abc import Iterator

from hera.data import fingerprint
from hera.evaluation.results import PubmedqaScores
from hera.types import Engine
from hera.ui.components.pictures import picture_choices, picture_html
from hera.ui.components.questions import table_headers, table_row
from hera.ui.components.running_plot import running_plot
from hera.ui.components.summary import references, variant_row
from hera.ui.components.told import table_html
from hera.ui.components.verdict import verdicts_html
from hera.ui.documents import measurement_parts as parts
from hera.ui.documents.frame import document
from hera.ui.language import language
from hera.ui.measured import Measured
from hera.ui.measuring import cut_note
from hera.ui.words import WORDS


def report_page(run: Measured, engine: Engine) -> str:
    """The file of a run of which something is scored."""
    words, scores = WORDS.report, run.scores
    assert scores is not None
    title = words.title.format(source=run.asked.name)
    plot = running_plot(run.scored, run.variants, run.total)
    pictures = "".join(
        parts.section_html(text, f'<div class="pictures">{picture_html(run, kind)}</div>')
        for text, kind in picture_choices()
    )
    body = (
        parts.begin_html(title, about(run, engine))
        + parts.section_html(words.results, _table(scores) + plot)
        + _verdicts(run, scores)
        + pictures
        + parts.items_html(
            words.questions, table_headers(run.variants), (table_row(*row) for row in run.rows)
        )
        + parts.weights_html(engine)
    )
    return document(title, body, css=parts.CSS, lang=language())


def about(run: Measured, engine: Engine) -> Iterator[str]:
    """What was asked of what, a line each."""
    words, source = WORDS.report, run.asked.name
    asked = words.asked.format(n=len(run.scored), total=run.total, source=source, seed=run.seed)
    data = {
        "ref": run.asked.ref,
        "split": run.asked.split,
        "sha256": fingerprint(run.questions),
    }
    partial = "" if run.complete else words.partial
    return parts.about(asked, partial, data, engine, cut_note(run.scored))


def _table(scores: PubmedqaScores) -> str:
    words = WORDS.summary
    columns = (words.variant, words.accuracy, words.interval, words.macro_f1, words.calibration)
    rows = [variant_row(name, variant) for name, variant in scores.variants.items()]
    rows += [[text, share, "", "", ""] for text, share in references(scores)]
    return table_html(columns, rows, "numbers")


def _verdicts(run: Measured, scores: PubmedqaScores) -> str:
    told = verdicts_html(scores, run.total, len(run.asked.questions))
    return parts.section_html(WORDS.report.verdicts, told) if told else ""
