"""The runs of a page, side by side: what was asked, and every variant's accuracy."""

from __future__ import annotations

import html
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from hera.evaluation import stats
from hera.evaluation.records import Interval
from hera.evaluation.scoring import Scored
from hera.ui.components.colours import colour
from hera.ui.words import WORDS


class Run(Protocol):
    """A run whose answers are right or wrong."""

    @property
    def name(self) -> str:
        """What was asked, as headings call it."""

    @property
    def seed(self) -> int:
        """Of the sample."""

    @property
    def total(self) -> int:
        """How many are to be scored."""

    @property
    def variants(self) -> tuple[str, ...]:
        """Whose answers are scored."""

    @property
    def scored(self) -> Sequence[Scored]:
        """Who was right, item by item."""


@dataclass(frozen=True)
class Ended:
    """What is left of a run: `accuracies` are variant -> accuracy and the ends of its interval."""

    source: str
    seed: int
    n: int
    total: int
    accuracies: dict[str, tuple[float, Interval]]


def ended(run: Run) -> Ended | None:
    """Of a run of which something is scored."""
    if not run.scored:
        return None
    n = len(run.scored)
    rights = {name: sum(s.pred[name] == s.gold for s in run.scored) for name in run.variants}
    accuracies = {name: (right / n, stats.wilson(right, n)) for name, right in rights.items()}
    return Ended(run.name, run.seed, n, run.total, accuracies)


def runs_html(runs: Sequence[Ended], served: Sequence[str]) -> str:
    """The table, the newest last; "" for fewer than two."""
    if len(runs) < 2:
        return ""
    words, names = WORDS.runs, list(dict.fromkeys(n for run in runs for n in run.accuracies))
    heads = "".join(
        f'<th scope="col" style="--variant: {colour(name, served)}">{html.escape(name)}</th>'
        for name in names
    )
    rows = "".join(_row(number, run, names) for number, run in enumerate(runs, 1))
    return (
        f"<h3>{html.escape(words.heading)}</h3><div class='scrolls' tabindex='0'>"
        f'<table class="scores runs"><thead><tr><th scope="col">#</th>{heads}'
        f'<th scope="col">{words.scored}</th><th scope="col">{words.seed}</th>'
        f'<th scope="col">{words.source}</th></tr></thead><tbody>{rows}</tbody></table></div>'
        f"<p>{html.escape(words.note)}</p>"
    )


def _row(number: int, run: Ended, names: Sequence[str]) -> str:
    cells = "".join(_cell(run.accuracies.get(name)) for name in names)
    scored = html.escape(WORDS.runs.of.format(n=run.n, total=run.total))
    source = f'<span dir="auto">{html.escape(run.source)}</span>'
    return (
        f'<tr><th scope="row">{number}</th>{cells}<td>{scored}</td><td>{run.seed}</td>'
        f"<td>{source}</td></tr>"
    )


def _cell(found: tuple[float, Interval] | None) -> str:
    if found is None:
        return "<td>·</td>"
    accuracy, (low, high) = found
    around = html.escape(WORDS.summary.from_to.format(low=low, high=high))
    return f"<td>{accuracy:.1%} <small>{around}</small></td>"
