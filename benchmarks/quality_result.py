"""What `benchmarks.quality` says of the answers: means, differences, and how it is printed."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from typing import Any

from benchmarks import means, runs
from benchmarks.measures import DEFINITIONS, RATES

BASELINES = {
    "reference": "the doctor's reply itself",
    "other": "the doctor's reply to another patient: as well written, about something else",
}

_NAME, _CELL = 18, 28


def summary(items: Sequence[runs.Item], variants: Sequence[str], seed: int) -> dict[str, Any]:
    """The `variants`, `paired` and `baselines` parts of results.json."""
    answers = {name: [item["variants"][name] for item in items] for name in variants}
    return {
        "variants": {
            name: {**averages(answers[name], seed), "items": listed(items, name)}
            for name in variants
        },
        "paired": [
            {
                "a": a,
                "b": b,
                "measures": {
                    m: means.difference(values(answers[a], m), values(answers[b], m), seed)
                    for m in DEFINITIONS
                },
            }
            for a, b in itertools.combinations(variants, 2)
        ],
        "baselines": {
            name: {**averages([i[name] for i in items if i[name]], seed), "source": source}
            for name, source in BASELINES.items()
        },
    }


def averages(answers: Sequence[Mapping[str, Any]], seed: int) -> dict[str, Any]:
    """measure -> its mean, for the measures that the answers have."""
    return {
        m: means.rate(values(answers, m)) if m in RATES else means.mean(values(answers, m), seed)
        for m in DEFINITIONS
        if all(m in answer for answer in answers)
    }


def values(answers: Sequence[Mapping[str, Any]], measure: str) -> list[float | None]:
    """One measure of every answer."""
    return [answer[measure] for answer in answers]


def listed(items: Sequence[runs.Item], name: str) -> list[dict[str, Any]]:
    """Every answer of a variant, with what it was measured against."""
    return [{"id": i["id"], "gold": i["gold"], **i["variants"][name]} for i in items]


def table(result: Mapping[str, Any]) -> str:
    """A row a measure: its mean and 95 % interval for every variant and baseline, the difference of
    every pair, and its definition.

    Args:
        result: what results.json holds.
    """
    data, paired = result["data"], result["paired"]
    columns = [*result["variants"].items(), *result["baselines"].items()]
    n = f"{result['scored']} of {data['n']}" if result["partial"] else f"n = {data['n']}"
    lines = [
        f"Quality of answers, {data['ref']}, {n}, greedy, "
        f"{result['max_new_tokens']} tokens at most; means with 95 % intervals",
        _row("", [name for name, _ in columns]),
        *(_row(m, [_mean(column.get(m)) for _, column in columns]) for m in DEFINITIONS),
    ]
    lines += [f"{name}: {b['source']}" for name, b in result["baselines"].items()]
    if paired:
        lines += [
            "",
            "Differences over the same patients, second minus first; * = the interval leaves out 0",
            _row("", [f"{pair['a']} to {pair['b']}" for pair in paired]),
            *(_row(m, [_difference(p["measures"][m]) for p in paired]) for m in DEFINITIONS),
            _chance(result["scored"], len(paired) * len(DEFINITIONS)),
        ]
    lines += ["", *(f"{name}: {words}" for name, words in DEFINITIONS.items())]
    return "\n".join(lines)


def _chance(n: int, intervals: int) -> str:
    if n < means.ENOUGH:
        return f"n < {means.ENOUGH}: too few patients for intervals of means and differences."
    return f"Of {intervals} intervals at 95 %, one in twenty would leave out 0 by chance alone."


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
