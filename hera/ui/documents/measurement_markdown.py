"""A PubMedQA run as Markdown: names and questions are shown letter by letter."""

from __future__ import annotations

from hera.types import Engine
from hera.ui.bench.state import Compared
from hera.ui.components.questions import table_headers, table_row
from hera.ui.components.summary import references, variant_row
from hera.ui.components.verdict import numbers, paragraph
from hera.ui.documents.markdown import plain
from hera.ui.documents.measurement import about
from hera.ui.documents.measurement_parts import table_markdown, weights_markdown
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
        table_markdown(columns, rows),
        *verdicts_markdown(scores, run.total, len(run.asked.questions)),
        f"## {words.questions}",
        table_markdown(table_headers(run.variants), (table_row(*row) for row in run.rows)),
        *weights_markdown(engine),
    ]
    return "\n\n".join(blocks) + "\n"


def verdicts_markdown(scores: Compared, total: int, there: int) -> list[str]:
    """What can be told of every pair, under a heading; see `verdicts_html`."""
    if not scores.paired:
        return []
    told = []
    for pair in scores.paired:
        text, fields = paragraph(pair, scores, total, there)
        said = text.format(**{name: plain(field) for name, field in fields.items()})
        told.append(f"- {said} ({numbers(pair)})")
    return [f"## {WORDS.report.verdicts}", "\n".join(told), plain(WORDS.verdict.method)]
