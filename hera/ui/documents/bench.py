"""A run of a benchmark of the picker as one HTML file, without script, or as Markdown."""

from __future__ import annotations

from collections.abc import Iterator

from hera.types import Engine
from hera.ui.bench.state import Kind, State
from hera.ui.components.running_plot import running_plot
from hera.ui.components.told import told_html
from hera.ui.components.verdict import verdicts_html
from hera.ui.documents import measurement_parts as parts
from hera.ui.documents.frame import document
from hera.ui.documents.markdown import plain
from hera.ui.documents.measurement_markdown import verdicts_markdown
from hera.ui.language import language
from hera.ui.words import WORDS


def bench_page(run: State, kind: Kind, plot: str, engine: Engine) -> str:
    """The HTML file of a run of which something is scored; `plot` says what its lines are."""
    words, compared = WORDS.report, run.said.compared
    assert run.said.told is not None
    results, told = told_html(run.said.told), ""
    if compared is not None:
        results += running_plot(run.scored, run.variants, run.total, plot)
        told = verdicts_html(compared, run.total, run.there)
    rows = (kind.row(*row) for row in run.rows)
    body = (
        parts.begin_html(run.name, _about(run, engine))
        + parts.section_html(words.results, results)
        + (parts.section_html(words.verdicts, told) if told else "")
        + parts.items_html(words.items, kind.headers(run.variants), rows)
        + parts.weights_html(engine)
    )
    return document(run.name, body, css=parts.CSS, lang=language())


def bench_markdown(run: State, kind: Kind, engine: Engine) -> str:
    """The same as Markdown."""
    words, compared = WORDS.report, run.said.compared
    rows = (kind.row(*row) for row in run.rows)
    blocks = [
        f"# {plain(run.name)}",
        "\n".join(f"- {plain(line)}" for line in _about(run, engine)),
        f"## {words.results}",
        *_told_markdown(run),
        *(verdicts_markdown(compared, run.total, run.there) if compared else []),
        f"## {words.items}",
        parts.table_markdown(kind.headers(run.variants), rows),
        *parts.weights_markdown(engine),
    ]
    return "\n\n".join(blocks) + "\n"


def _about(run: State, engine: Engine) -> Iterator[str]:
    words, n = WORDS.report, len(run.done)
    asked = words.scored.format(n=n, total=run.total, source=run.name, seed=run.seed)
    return parts.about(asked, "" if run.complete else words.stopped, run.data, engine)


def _told_markdown(run: State) -> list[str]:
    told = run.said.told
    assert told is not None
    return [parts.table_markdown(told.columns, told.rows), *told.notes]
