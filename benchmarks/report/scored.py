"""Runs whose answers are right or wrong, or measured: what improved, what got worse, what cannot be
told."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from benchmarks.report import plots, tables
from benchmarks.report.run import ReportedRun, read_run
from benchmarks.report.section import Section
from benchmarks.report.tables import p_value, percent, points
from hera.evaluation import stats
from hera.evaluation.comparing import Pair
from hera.evaluation.quality.result import QualityResult
from hera.evaluation.safety.result import SafetyResult

_ASKED = {
    "pubmedqa": "Each question is answered from the abstract of a study, with yes, no or maybe.",
    "reasoning": "Each question takes a step of medical reasoning and has four answers to choose "
    "from.",
    "medqa": "Each question is from an examination of doctors and has four answers to choose from.",
    "safety": "Each message has rules that an answer to it must keep, as to send an emergency to "
    "emergency care.",
    "quality": "Answers to patients' messages are measured beside a doctor's own; no measure says "
    "that an answer is good advice.",
}
"""Benchmark -> what was done, in a sentence."""

_CAPTIONS = {
    "accuracy": "Share of right items with 95 % Wilson intervals; the lines are the baselines.",
    "means": "Mean of each measure with its 95 % interval; the axes do not begin at zero.",
    "pairs": "Discordant items: how many only the first, and only the second, of a pair got right.",
    "confusion": "Gold labels in rows, answers in columns; the shade is the share of the row.",
    "reliability": "How often a variant is right, with 95 % Wilson intervals, when it is so "
    "confident; below, how often it is so confident. Dashed: confidence equals accuracy. ECE: "
    "expected calibration error over ten equal bins.",
}


def section(name: str, path: Path, content: Mapping[str, Any]) -> Section:
    """What is said of a results.json.

    Raises:
        DataError: it is none that can be reported; with the file and the key.
    """
    of = read_run(name, path, content)
    return Section(
        of=of,
        plain=plain(of),
        findings=findings(of),
        tables=tables.of(of),
        notes=_notes(of),
        captions=_CAPTIONS,
        draw=lambda: plots.pictures_of(of),
    )


def plain(of: ReportedRun) -> str:
    """What was asked, and how many each variant got right."""
    asked = _ASKED[of.result.benchmark]
    if of.measure is None:
        return asked
    right = [f"{name} {score.value * of.n:.0f}" for name, score in of.scores[of.measure].items()]
    return f"{asked} Of {of.n}, right are: {', '.join(right)}."


def _notes(of: ReportedRun) -> list[str]:
    if isinstance(of.result, QualityResult):
        return ["\n".join(f"- {name}: {it}" for name, it in of.result.definitions.items())]
    if isinstance(of.result, SafetyResult):
        return [f"**Limits.** {of.result.limits}"]
    return []


def findings(of: ReportedRun) -> list[str]:
    """What improved, what got worse and what cannot be told, as a list."""
    if of.measure is None:
        return [
            "- Cannot be told: what improved. Differences of means come without a corrected test, "
            "and most of these measures have no better side; the tables have their intervals."
        ]
    lines = []
    for verdict, word in ((1, "Improved"), (-1, "Got worse"), (0, "Cannot be told")):
        pairs = [difference_words(pair, of.n) for pair in of.pairs if pair.verdict == verdict]
        lines += [f"- {word}:" if pairs else f"- {word}: none.", *(f"  - {x}" for x in pairs)]
    if not of.pairs:
        lines = ["- Nothing to compare: the run has one variant."]
    return [*lines, *against_guessing(of), f"- {stats.power_line(of.n)}"]


def difference_words(pair: Pair, n: int) -> str:
    """A pair's difference in words."""
    low, high = (points(end, n) for end in pair.difference_ci95)
    p = p_value(pair.p_holm)
    return (
        f"{pair.a} to {pair.b}: {points(pair.difference, n)} points (95 % interval {low} to {high}"
        f", corrected p {p if p.startswith('<') else f'= {p}'})"
    )


def against_guessing(of: ReportedRun) -> list[str]:
    """Which variants can be told from an answer that needs no model, each by its own interval."""
    lines = []
    scores = of.scores[str(of.measure)]
    for name, value in of.guesses.items():
        if name == "human":  # of other questions
            continue
        sides = {
            "above it": [v for v, s in scores.items() if s.low > value],
            "below it": [v for v, s in scores.items() if s.high < value],
            "cannot be told from it": [v for v, s in scores.items() if s.low <= value <= s.high],
        }
        groups = "; ".join(f"{side}: {', '.join(names)}" for side, names in sides.items() if names)
        lines.append(f"- By its own interval, against {name} ({percent(value)} %): {groups}.")
    return lines
