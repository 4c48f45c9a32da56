"""The tables of the report: Markdown whose columns stand under each other as plain text too."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from benchmarks.report.run import Estimate, ReportedRun
from benchmarks.report.subject import Subject, code
from hera.evaluation.comparing import Pair

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


def facts(run: Subject) -> list[str]:
    """What the run is: data, prompt, weights, machine, versions; as a list."""
    result, data, machine = run.result, run.result.data, run.result.environment
    commit = machine.git_commit or "unknown"
    changes = ", with changes" if commit.endswith("+changes") else ""
    lines = {
        "data": f"{code(data.ref)}, n = {run.n}, sha256 {data.sha256[:12]}",
        "split": data.split,
        "partial": run.mark,
        "prompt": result.prompt,
        "scoring": getattr(result, "scoring", None),
        "most tokens of an answer": getattr(result, "max_new_tokens", None),
        "seed": result.seed,
        "model": f"{code(machine.model)}, {machine.dtype} on {machine.device}",
        "weights' sha256": _pairs_of({k: v[:12] for k, v in machine.weights.items()}),
        "machine": f"{machine.platform}, {machine.cpus} CPUs",
        "versions": _pairs_of({"python": machine.python, **machine.versions}),
        "HERA": f"{machine.hera}, commit {commit[:12]}{changes}",
        "finished": f"{result.finished}, after {result.seconds:.0f} s",
    }
    return [f"- {key}: {value}" for key, value in lines.items() if value not in (None, "")]


def _pairs_of(values: Mapping[str, str]) -> str:
    return ", ".join(f"{key} {value}" for key, value in values.items())


def of(run: ReportedRun) -> list[Table]:
    """The tables of results that a run has."""
    if run.measure is None:
        means = {m: {**by, **_italic(run.references.get(m, {}))} for m, by in run.scores.items()}
        caption = f"Means with 95 % intervals, n = {run.n}, baselines in italics."
        tables = [_measures(caption, means)]
        if run.gaps:
            caption = "Differences on the same items, the second's minus the first's, with 95 % "
            caption += "intervals; * leaves out zero, as one in twenty does by chance alone."
            tables.append(_measures(caption, run.gaps, sign="+"))
        return tables
    tables = [_scores(run, run.measure)]
    if run.pairs:
        tables.append(_pairs(run))
    if run.labels:
        tables.append(_labels(run))
    elif run.parts:
        tables.append(_parts(run, run.measure))
    return tables


def _scores(run: ReportedRun, measure: str) -> Table:
    errors = run.calibrations
    word = measure.replace("_", " ")
    header = ["variant", "right", f"{word}, %", "95 % interval"]
    header += ["macro-F1"] * bool(run.labels) + ["ECE"] * bool(errors)
    rows = []
    for name, score in run.scores[measure].items():
        row = [name, f"{score.value * run.n:.0f}", percent(score.value), interval(score)]
        row += [f"{run.labels[name].macro_f1:.3f}"] if run.labels else []
        row += [f"{errors[name].ece:.3f}" if name in errors else ""] * bool(errors)
        rows.append(row)
    for name, baseline in run.baselines.items():
        f1 = baseline.macro_f1
        row = [f"*{name}*", "", percent(baseline.accuracy), ""]
        row += ["" if f1 is None else f"{f1:.3f}"] * bool(run.labels)
        rows.append(row + [""] * bool(errors))
    sources = [f"{name}: {baseline.source}" for name, baseline in run.baselines.items()]
    below = f" Baselines in italics ({'; '.join(sources)})." if sources else ""
    return Table(
        f"{word.capitalize()}, n = {run.n}, with 95 % Wilson intervals.{below}", header, rows
    )


def _pairs(run: ReportedRun) -> Table:
    header = ["from", "to", "verdict on the second", "points", "95 % interval"]
    header += ["only first right", "only second right", "McNemar p", "Holm p"]
    return Table(
        f"Every pair on the same {run.n} items: the second's score minus the first's, in points.",
        header,
        [_pair(pair, run.n) for pair in run.pairs],
        left=3,
    )


def _pair(pair: Pair, n: int) -> list[str]:
    low, high = (points(end, n) for end in pair.difference_ci95)
    counts = [str(pair.only_a), str(pair.only_b)]
    ps = [p_value(pair.p), p_value(pair.p_holm)]
    verdict = VERDICTS[pair.verdict]
    return [pair.a, pair.b, verdict, points(pair.difference, n), f"{low} to {high}", *counts, *ps]


def _labels(run: ReportedRun) -> Table:
    matrices = [labels.confusion for labels in run.labels.values()]
    predicted = list(dict.fromkeys(p for m in matrices for row in m.values() for p in row))
    header = ["variant", "gold", "n", *(f"as {p}" for p in predicted), "precision", "recall", "F1"]
    rows = []
    for name, labels in run.labels.items():
        for gold, counts in labels.confusion.items():
            own = labels.per_class[gold]
            scores = [f"{x:.3f}" for x in (own.precision, own.recall, own.f1)]
            answered = [str(counts.get(p, 0)) for p in predicted]
            rows.append([name, gold, str(own.support), *answered, *scores])
    return Table("Gold labels, and as what they were answered.", header, rows, left=2)


def _parts(run: ReportedRun, measure: str) -> Table:
    rows = []
    for topic in dict.fromkeys(topic for own in run.parts.values() for topic in own):
        parts = [own.get(topic) for own in run.parts.values()]
        n = next(part.n for part in parts if part)
        rows.append([topic, str(n), *(_part(part.score) if part else "" for part in parts)])
    word = measure.replace("_", " ").capitalize()
    caption = f"{word} by kind of item, %, with 95 % Wilson intervals. No test compares them."
    return Table(caption, ["items", "n", *run.parts], rows)


def _part(score: Estimate) -> str:
    return f"{100 * score.value:.0f} ({100 * score.low:.0f} to {100 * score.high:.0f})"


def _italic(by: Mapping[str, Estimate]) -> dict[str, Estimate]:
    return {f"*{name}*": estimate for name, estimate in by.items()}


def _measures(
    caption: str, estimates: Mapping[str, Mapping[str, Estimate]], sign: str = ""
) -> Table:
    """A row a measure; with a sign they are differences, and what leaves out zero is marked."""
    columns = list(dict.fromkeys(name for by in estimates.values() for name in by))
    rows = [
        [measure, *(_measure(by[name], sign) if name in by else "-" for name in columns)]
        for measure, by in estimates.items()
    ]
    return Table(caption, ["measure", *columns], rows)


def _measure(estimate: Estimate, sign: str) -> str:
    if math.isnan(estimate.value):
        return "-"
    digits = 3 if abs(estimate.value) < 10 else 1
    value, low, high = (
        f"{x:{sign}.{digits}f}" for x in (estimate.value, estimate.low, estimate.high)
    )
    if math.isnan(estimate.low):
        return value
    return f"{value} ({low} to {high}){' *' if sign and estimate.leaves_out_zero else ''}"


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
