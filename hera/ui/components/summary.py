"""What PubMedQA answers say, as the Markdown over their picture."""

from __future__ import annotations

from hera.evaluation import stats
from hera.evaluation.results import PubmedqaScores, PubmedqaVariant
from hera.ui.components.written import filled
from hera.ui.words import WORDS


def summary_text(scores: PubmedqaScores, total: int, source: str) -> str:
    """The table of accuracies, a line for each pair, and what so many questions can tell; `total`
    is how many are to be scored, `source` what they are called."""
    words = WORDS.summary
    columns = (words.variant, words.accuracy, words.interval, words.macro_f1, words.calibration)
    lines = [
        filled(words.scored, n=str(scores.n), total=str(total), source=source),
        f"| {' | '.join(columns)} |",
        "| --- | --- | --- | --- | --- |",
        *(_row(name, variant) for name, variant in scores.variants.items()),
    ]
    for name, baseline in scores.baselines.items():
        lines.append(f"| *{name}: {baseline.source}* | {baseline.accuracy:.1%} | | | |")
    pairs = [f"- {pair.line()}" for pair in scores.paired]
    return "\n".join([*lines, "", *pairs, "", stats.power_line(scores.n)])


def _row(name: str, variant: PubmedqaVariant) -> str:
    low, high = variant.accuracy_ci95
    interval = WORDS.summary.from_to.format(low=low, high=high)
    error = "" if variant.calibration is None else f"{variant.calibration.ece:.2f}"
    return f"| {name} | {variant.accuracy:.1%} | {interval} | {variant.macro_f1:.2f} | {error} |"
