"""PubMedQA's numbers as text for a terminal."""

from __future__ import annotations

from collections.abc import Sequence

from hera.evaluation.results import PubmedqaScores
from hera.evaluation.stats import power_line


def pubmedqa_summary(scores: PubmedqaScores, title: str) -> str:
    """A line a variant and a baseline, a line a pair, and what n can tell."""
    lines = [title, f"{'':12} accuracy  95 % interval   macro-F1  calibration error"]
    for name, v in scores.variants.items():
        low, high = v.accuracy_ci95
        error = f"{v.calibration.ece:10.3f}" if v.calibration else ""
        lines.append(
            f"{name:12} {v.accuracy:8.3f}  {low:.3f} to {high:.3f}  {v.macro_f1:8.3f}{error}"
        )
    for name, baseline in scores.baselines.items():
        f1 = f"{'':26}" if baseline.macro_f1 is None else f"{baseline.macro_f1:26.3f}"
        lines.append(f"{name:12} {baseline.accuracy:8.3f}{f1}  ({baseline.source})")
    return "\n".join([*lines, *(pair.line() for pair in scores.paired), power_line(scores.n)])


def cut_lines(ids: Sequence[str]) -> list[str]:
    """What was cut, in a line; none where nothing was."""
    named = f"{len(ids)} ({', '.join(ids)})"
    return [f"cut to the model's window, from the beginning: {named}"] if ids else []
