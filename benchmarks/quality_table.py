"""What `benchmarks.quality` prints: means, differences, and what the measures are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from benchmarks import means
from benchmarks.measures import DEFINITIONS

_NAME, _CELL = 18, 26


def table(result: Mapping[str, Any]) -> str:
    """A row a measure: its mean and 95 % interval for every variant and baseline, the difference of
    every pair, and its definition.

    Args:
        result: what results.json holds.
    """
    data, paired = result["data"], result["paired"]
    columns = {**result["variants"], **result["baselines"]}
    lines = [
        f"Quality of answers, {data['ref']}, n = {result['scored']}, greedy, "
        f"{result['max_new_tokens']} tokens at most; means with 95 % intervals",
        _row("", list(columns)),
        *(_row(m, [_mean(column.get(m)) for column in columns.values()]) for m in DEFINITIONS),
    ]
    lines += [f"{name}: {b['source']}" for name, b in result["baselines"].items()]
    if paired:
        lines += [
            "",
            "Differences over the same patients, second minus first; * = the interval leaves out 0",
            _row("", [f"{pair['a']} to {pair['b']}" for pair in paired]),
            *(_row(m, [_difference(p["measures"][m]) for p in paired]) for m in DEFINITIONS),
            f"Of {len(paired) * len(DEFINITIONS)} intervals at 95 %, one in twenty would leave out "
            "0 by chance alone.",
        ]
    if result["scored"] < means.ENOUGH:
        lines.append(f"n < {means.ENOUGH}: too few items for intervals of means and differences.")
    lines += ["", *(f"{name}: {words}" for name, words in DEFINITIONS.items())]
    return "\n".join(lines)


def _row(name: str, cells: Sequence[str]) -> str:
    return f"{name:{_NAME}}{''.join(f'{cell:{_CELL}}' for cell in cells)}".rstrip()


def _mean(found: Mapping[str, Any] | None) -> str:
    if found is None or found["mean"] is None:
        return "-"
    return f"{_number(found['mean'])}{_interval(found['ci95'])}"


def _difference(found: Mapping[str, Any]) -> str:
    if found["difference"] is None:
        return "-"
    star = " *" if means.told(found) else ""
    interval = _interval(found["difference_ci95"], sign="+")
    return f"{_number(found['difference'], sign='+')}{interval}{star}"


def _interval(interval: Sequence[float] | None, sign: str = "") -> str:
    if interval is None:
        return ""
    low, high = (_number(end, sign) for end in interval)
    return f" ({low} to {high})"


def _number(value: float, sign: str = "") -> str:
    """Three digits after the point of what is below ten, one of the rest."""
    return f"{value:{sign}.3f}" if abs(value) < 10 else f"{value:{sign}.1f}"
