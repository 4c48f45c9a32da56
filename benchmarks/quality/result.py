"""How a quality result is printed."""

from __future__ import annotations

from collections.abc import Sequence

from hera.evaluation import stats
from hera.evaluation.quality.measures import DEFINITIONS
from hera.evaluation.quality.result import Difference, Mean, QualityResult
from hera.evaluation.summary import cut_lines

_NAME, _CELL = 18, 28


def quality_summary(result: QualityResult) -> str:
    """A row a measure: its mean and 95 % interval for every variant and baseline, the difference of
    every pair, and its definition."""
    columns = [(name, v.means) for name, v in result.variants.items()]
    columns += [(name, b.means) for name, b in result.baselines.items()]
    n = f"{result.scored} of {result.data.n}" if result.partial else f"n = {result.data.n}"
    lines = [
        f"Quality of answers, {result.data.ref}, {n}, greedy, "
        f"{result.max_new_tokens} tokens at most; means with 95 % intervals",
        _row("", [name for name, _ in columns]),
        *(_row(m, [_mean(means.get(m)) for _, means in columns]) for m in DEFINITIONS),
    ]
    lines += [f"{name}: {b.source}" for name, b in result.baselines.items()]
    if result.paired:
        lines += [
            "",
            "Differences over the same patients, second minus first; * = the interval leaves out 0",
            _row("", [f"{pair.a} to {pair.b}" for pair in result.paired]),
            *(_row(m, [_difference(p.measures[m]) for p in result.paired]) for m in DEFINITIONS),
            _chance(result.scored, len(result.paired) * len(DEFINITIONS)),
        ]
    lines += ["", *(f"{name}: {words}" for name, words in DEFINITIONS.items())]
    lines += cut_lines(result.cut or ())
    return "\n".join(lines)


def _chance(n: int, intervals: int) -> str:
    if n < stats.ENOUGH:
        return f"n < {stats.ENOUGH}: too few patients for intervals of means and differences."
    return f"Of {intervals} intervals at 95 %, one in twenty would leave out 0 by chance alone."


def _row(name: str, cells: Sequence[str]) -> str:
    return f"{name:{_NAME}}{''.join(f'{cell:{_CELL}}' for cell in cells)}".rstrip()


def _mean(measured: Mean | None) -> str:
    if measured is None or measured.mean is None:
        return "-"
    return f"{_number(measured.mean)}{_interval(measured.ci95)}"


def _difference(measured: Difference) -> str:
    if measured.difference is None:
        return "-"
    star = " *" if stats.leaves_out_zero(measured.difference_ci95) else ""
    interval = _interval(measured.difference_ci95, sign="+")
    return f"{_number(measured.difference, sign='+')}{interval}{star}"


def _interval(interval: Sequence[float] | None, sign: str = "") -> str:
    if interval is None:
        return ""
    low, high = (_number(end, sign) for end in interval)
    return f" ({low} to {high})"


def _number(value: float, sign: str = "") -> str:
    """Three digits after the point of what is below ten, one of the rest."""
    return f"{value:{sign}.3f}" if abs(value) < 10 else f"{value:{sign}.1f}"
