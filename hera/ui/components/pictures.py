"""The pictures of a run, one at a time."""

from __future__ import annotations

from hera.ui.components.confusion import confusion_html
from hera.ui.components.reliability import reliability_html
from hera.ui.components.risk_coverage import risk_coverage_html
from hera.ui.measured import Measured
from hera.ui.words import WORDS

CONFUSION, RELIABILITY, COVERAGE = "confusion", "reliability", "coverage"


def picture_choices() -> list[tuple[str, str]]:
    """(text, value) of each."""
    words = WORDS.pictures
    return [
        (words.confusion, CONFUSION),
        (words.reliability, RELIABILITY),
        (words.coverage, COVERAGE),
    ]


def picture_html(run: Measured, kind: str) -> str:
    """One of them; "" while nothing is scored."""
    if run.scores is None:
        return ""
    if kind == RELIABILITY:
        return reliability_html(run.scores.variants)
    if kind == COVERAGE:
        return risk_coverage_html(run.scored, run.variants)
    return confusion_html(run.scores.variants, run.asked.name)
