"""PubMedQA's numbers as text for a terminal."""

from __future__ import annotations

from collections.abc import Sequence

from hera.evaluation import power
from hera.evaluation.comparing import Pair, questions_to_tell
from hera.evaluation.results import PubmedqaScores
from hera.evaluation.stats import power_line


def pubmedqa_summary(scores: PubmedqaScores, title: str) -> str:
    """A line a variant and a baseline, a line a pair, what n can tell, and how many more would tell
    what it cannot."""
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
    lines += [*(pair.line() for pair in scores.paired), power_line(scores.n)]
    pairs = len(scores.paired)
    open_ones = [pair for pair in scores.paired if not pair.verdict]
    return "\n".join([*lines, *(_more_line(pair, scores.n, pairs) for pair in open_ones)])


def _more_line(pair: Pair, n: int, pairs: int) -> str:
    needed = questions_to_tell(pair, n, pairs)
    many = f"more than {power.MOST:,}" if needed is None else f"about {needed:,}"
    return (
        f"To tell {pair.b} from {pair.a} in 4 of 5 runs takes {many} questions, if they differ on "
        "all as on these."
    )


def cut_lines(ids: Sequence[str]) -> list[str]:
    """What was cut, in a line; none where nothing was."""
    named = f"{len(ids)} ({', '.join(ids)})"
    return [f"cut to the model's window, from the beginning: {named}"] if ids else []
