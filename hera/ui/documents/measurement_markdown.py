"""A PubMedQA run as Markdown: names and questions are shown letter by letter."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from hera.evaluation.results import PubmedqaScores
from hera.types import Engine
from hera.ui.components.questions import table_headers, table_row
from hera.ui.components.summary import references, variant_row
from hera.ui.components.verdict import numbers, paragraph
from hera.ui.documents.markdown import plain
from hera.ui.documents.measurement_parts import about, weights
from hera.ui.measured import Measured
from hera.ui.words import WORDS


def report_markdown(run: Measured, engine: Engine) -> str:
    """The file of a run of which something is scored."""
    words, scores = WORDS.report, run.scores
    assert scores is not None
    shown = WORDS.summary
    columns = [shown.variant, shown.accuracy, shown.interval, shown.macro_f1, shown.calibration]
    rows = [variant_row(name, variant) for name, variant in scores.variants.items()]
    rows += [[text, share, "", "", ""] for text, share in references(scores)]
    blocks = [
        f"# {plain(words.title.format(source=run.asked.name))}",
        "\n".join(f"- {plain(line)}" for line in about(run, engine)),
        f"## {words.results}",
        _table(columns, rows),
        *_verdicts(run, scores),
        f"## {words.questions}",
        _table(table_headers(run.variants), (table_row(*row) for row in run.rows)),
        f"## {WORDS.kept.weights}",
        "\n".join(f"- {plain(name)}: {sha}" for name, sha in weights(engine)),
    ]
    return "\n\n".join(blocks) + "\n"


def _verdicts(run: Measured, scores: PubmedqaScores) -> list[str]:
    if not scores.paired:
        return []
    told = []
    for pair in scores.paired:
        text, fields = paragraph(pair, scores, run.total, len(run.asked.questions))
        said = text.format(**{name: plain(field) for name, field in fields.items()})
        told.append(f"- {said} ({numbers(pair)})")
    return [f"## {WORDS.report.verdicts}", "\n".join(told), plain(WORDS.verdict.method)]


def _table(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [f"| {' | '.join(map(plain, columns))} |", f"|{' --- |' * len(columns)}"]
    return "\n".join([*lines, *(f"| {' | '.join(map(plain, row))} |" for row in rows)])
