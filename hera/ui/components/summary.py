"""What PubMedQA answers say, as the Markdown over their picture."""

from __future__ import annotations

from collections.abc import Sequence

from hera.evaluation import stats
from hera.evaluation.results import Baseline, PubmedqaScores, PubmedqaVariant
from hera.ui.components.written import filled
from hera.ui.failing import reason
from hera.ui.words import WORDS


def summary_text(scores: PubmedqaScores, total: int, source: str) -> str:
    """The table of accuracies, and what so many questions can tell; `total` is how many are to be
    scored, `source` what they are called."""
    words = WORDS.summary
    columns = (words.variant, words.accuracy, words.interval, words.macro_f1, words.calibration)
    rows = [variant_row(*item) for item in scores.variants.items()]
    rows += [[f"*{text}*", share, "", "", ""] for text, share in references(scores)]
    return f"{_table((scores.n, total, source), columns, rows)}\n\n{tells(scores.n)}"


def _table(
    scored: tuple[int, int, str], columns: Sequence[str], rows: Sequence[Sequence[str]]
) -> str:
    """A Markdown table, under how many of how many questions of what are scored."""
    n, total, source = scored
    lines = [
        filled(WORDS.summary.scored, n=str(n), total=str(total), source=source),
        f"| {' | '.join(columns)} |",
        f"| {' | '.join('---' for _ in columns)} |",
        *(f"| {' | '.join(cells)} |" for cells in rows),
    ]
    return "\n".join(lines)


def ended_early(error: Exception) -> str:
    """The line over what was scored until a run failed."""
    return filled(WORDS.failing.kept, error=reason(error))


def tells(n: int) -> str:
    """What `stats.power_line` says, in the visitor's language."""
    points, words = stats.untold_points(n), WORDS.summary
    if points is None:
        return words.tells_nothing.format(n=n)
    return words.tells.format(n=n, points=f"{points:g}")


def variant_row(name: str, variant: PubmedqaVariant) -> list[str]:
    """Its name, accuracy, interval, macro-F1 and calibration error."""
    low, high = variant.accuracy_ci95
    interval = WORDS.summary.from_to.format(low=low, high=high)
    error = "" if variant.calibration is None else f"{variant.calibration.ece:.2f}"
    return [name, f"{variant.accuracy:.1%}", interval, f"{variant.macro_f1:.2f}", error]


def references(scores: PubmedqaScores) -> list[tuple[str, str]]:
    """What needs no model, and what others measured, which is marked as theirs: text and
    accuracy."""
    return [(_reference(*item), f"{item[1].accuracy:.1%}") for item in scores.baselines.items()]


def _reference(name: str, baseline: Baseline) -> str:
    words = WORDS.summary
    if name == "majority":
        return words.majority.format(label=baseline.source.split("'")[1])
    return words.random if name == "random" else words.theirs.format(source=baseline.source)
