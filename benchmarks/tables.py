"""The tables of the report: Markdown whose columns stand under each other as plain text too."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from benchmarks.checked import Estimate
from benchmarks.finished import Pair, Result

VERDICTS = {1: "better", -1: "worse", 0: "cannot be told"}


@dataclass(frozen=True)
class Table:
    """Rows under a header; the first `left` columns are aligned left, the others right."""

    caption: str
    header: Sequence[str]
    rows: Sequence[Sequence[str]]
    left: int = 1

    def markdown(self) -> str:
        """The table without its caption."""
        lines = [[plain(cell) for cell in line] for line in (self.header, *self.rows)]
        widths = [max(3, *map(len, column)) for column in zip(*lines, strict=True)]
        rule = ["-" * w if i < self.left else "-" * (w - 1) + ":" for i, w in enumerate(widths)]
        return "\n".join(self._line(line, widths) for line in (lines[0], rule, *lines[1:]))

    def _line(self, cells: Sequence[str], widths: Sequence[int]) -> str:
        padded = [
            cell.ljust(width) if i < self.left else cell.rjust(width)
            for i, (cell, width) in enumerate(zip(cells, widths, strict=True))
        ]
        return f"| {' | '.join(padded)} |"


def facts(run: Result) -> list[str]:
    """What the run is: data, prompt, weights, machine, versions; as a list."""
    told, data, machine = run.told, run.told["data"], run.told["environment"]
    commit = str(machine.get("git_commit") or "unknown")
    changes = ", with changes" if commit.endswith("+changes") else ""
    lines = {
        "data": f"{code(data['ref'])}, n = {run.n}, sha256 {data['sha256'][:12]}",
        "split": data.get("split"),
        "partial": run.mark,
        "prompt": told.get("prompt"),
        "scoring": told.get("scoring"),
        "most tokens of an answer": told.get("max_new_tokens"),
        "seed": told["seed"],
        "model": f"{code(machine['model'])}, {machine['dtype']} on {machine['device']}",
        "weights' sha256": _pairs_of({k: str(v)[:12] for k, v in machine["weights"].items()}),
        "machine": f"{machine['platform']}, {machine.get('cpus')} CPUs",
        "versions": _pairs_of({"python": machine["python"], **machine["versions"]}),
        "HERA": f"{machine['hera']}, commit {commit[:12]}{changes}",
        "finished": f"{told['finished']}, after {told['seconds']:.0f} s",
    }
    return [f"- {key}: {value}" for key, value in lines.items() if value not in (None, "")]


def _pairs_of(told: Mapping[str, str]) -> str:
    return ", ".join(f"{key} {value}" for key, value in told.items())


def of(run: Result) -> list[Table]:
    """The tables of results that a run has."""
    if run.measure is None:
        means = {m: {**by, **_italic(run.references.get(m, {}))} for m, by in run.scores.items()}
        caption = f"Means with 95 % intervals, n = {run.n}, baselines in italics."
        found = [_measures(caption, means)]
        if run.gaps:
            caption = "Differences on the same items, the second's minus the first's, with 95 % "
            caption += "intervals; * leaves out zero, as one in twenty does by chance alone."
            found.append(_measures(caption, run.gaps, sign="+"))
        return found
    tables = [_scores(run, run.measure)]
    if run.pairs:
        tables.append(_pairs(run))
    if run.told["benchmark"] == "pubmedqa":
        tables.append(_labels(run))
    elif run.parts:
        tables.append(_parts(run, run.measure))
    return tables


def _scores(run: Result, measure: str) -> Table:
    f1, error = run.of_variants("macro_f1"), run.of_variants("calibration")
    word = measure.replace("_", " ")
    header = ["variant", "right", f"{word}, %", "95 % interval"]
    header += ["macro-F1"] * bool(f1) + ["ECE"] * bool(error)
    rows = []
    for name, score in run.scores[measure].items():
        row = [name, f"{score.value * run.n:.0f}", percent(score.value), interval(score)]
        row += [f"{f1.get(name, 0):.3f}"] * bool(f1)
        row += [f"{error[name]['ece']:.3f}" if name in error else ""] * bool(error)
        rows.append(row)
    for name, value in run.baselines.items():
        known = run.told["baselines"][name].get("macro_f1")
        row = [f"*{name}*", "", percent(value), ""]
        row += ["" if known is None else f"{known:.3f}"] * bool(f1)
        rows.append(row + [""] * bool(error))
    said = [f"{name}: {run.told['baselines'][name]['source']}" for name in run.baselines]
    below = f" Baselines in italics ({'; '.join(said)})." if said else ""
    return Table(
        f"{word.capitalize()}, n = {run.n}, with 95 % Wilson intervals.{below}", header, rows
    )


def _pairs(run: Result) -> Table:
    header = ["from", "to", "verdict on the second", "points", "95 % interval"]
    header += ["only first right", "only second right", "McNemar p", "Holm p"]
    return Table(
        f"Every pair on the same {run.n} items: the second's score minus the first's, in points.",
        header,
        [_pair(pair, run.n) for pair in run.pairs],
        left=3,
    )


def _pair(pair: Pair, n: int) -> list[str]:
    gap = pair.difference
    ends = f"{points(gap.low, n)} to {points(gap.high, n)}"
    counts = [str(pair.only_a), str(pair.only_b)]
    ps = [p_value(pair.p), p_value(pair.p_holm)]
    return [pair.a, pair.b, VERDICTS[pair.verdict], points(gap.value, n), ends, *counts, *ps]


def _labels(run: Result) -> Table:
    matrices = run.of_variants("confusion")
    predicted = list(dict.fromkeys(p for m in matrices.values() for row in m.values() for p in row))
    header = ["variant", "gold", "n", *(f"as {p}" for p in predicted), "precision", "recall", "F1"]
    rows = []
    for name, matrix in matrices.items():
        for gold, counts in matrix.items():
            mine = run.told["variants"][name]["per_class"][gold]
            measured = [f"{mine[key]:.3f}" for key in ("precision", "recall", "f1")]
            found = [str(counts.get(p, 0)) for p in predicted]
            rows.append([name, gold, f"{mine['support']:.0f}", *found, *measured])
    return Table("Gold labels, and as what they were answered.", header, rows, left=2)


def _parts(run: Result, measure: str) -> Table:
    variants = list(run.parts)
    parts = list(dict.fromkeys(part for mine in run.parts.values() for part in mine))
    rows = []
    for part in parts:
        told = [run.parts[name].get(part) for name in variants]
        n = next(t["n"] for t in told if t)
        cells = [_part(t[measure], t[f"{measure}_ci95"]) if t else "" for t in told]
        rows.append([part, str(n), *cells])
    word = measure.replace("_", " ").capitalize()
    caption = f"{word} by kind of item, %, with 95 % Wilson intervals. No test compares them."
    return Table(caption, ["", "n", *variants], rows)


def _part(value: float, ends: Sequence[float]) -> str:
    return f"{100 * value:.0f} ({100 * ends[0]:.0f} to {100 * ends[1]:.0f})"


def _italic(by: Mapping[str, Estimate]) -> dict[str, Estimate]:
    return {f"*{name}*": found for name, found in by.items()}


def _measures(caption: str, found: Mapping[str, Mapping[str, Estimate]], sign: str = "") -> Table:
    """A row a measure; with a sign they are differences, and what leaves out zero is marked."""
    columns = list(dict.fromkeys(name for by in found.values() for name in by))
    rows = [
        [measure, *(_measure(by[name], sign) if name in by else "-" for name in columns)]
        for measure, by in found.items()
    ]
    return Table(caption, ["measure", *columns], rows)


def _measure(found: Estimate, sign: str) -> str:
    if math.isnan(found.value):
        return "-"
    digits = 3 if abs(found.value) < 10 else 1
    value, low, high = (f"{x:{sign}.{digits}f}" for x in (found.value, found.low, found.high))
    if math.isnan(found.low):
        return value
    return f"{value} ({low} to {high}){' *' if sign and not found.holds_zero else ''}"


def percent(share: float) -> str:
    """0.5183 as "51.8"."""
    return f"{100 * share:.1f}"


def interval(score: Estimate) -> str:
    """A share's interval, in percent."""
    return f"{percent(score.low)} to {percent(score.high)}"


def points(difference: float, n: int) -> str:
    """A difference of shares, in percentage points, as finely as n items can differ."""
    return f"{100 * difference:+.{1 if n <= 1000 else 2}f}"


def p_value(p: float) -> str:
    """Four digits, or that it is smaller."""
    return f"{p:.4f}" if p >= 0.0001 else "< 0.0001"


def plain(cell: str) -> str:
    """Text that cannot end its cell or its row."""
    return " ".join(cell.split()).replace("|", "\\|")


def code(text: Any) -> str:
    """A REF as code: its underscores and stars are its own."""
    return f"`{str(text).replace('`', '')}`"
