"""Pictures of a finished run, each readable on its own: title, n and "PARTIAL" are inside.

Colours are from Okabe and Ito's palette, which colour-blind readers can tell apart; what a colour
says is also said by place or words.
"""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from math import isnan, nan
from typing import TYPE_CHECKING, Any

from benchmarks.report.run import Estimate, ReportedRun
from benchmarks.report.subject import Subject
from hera.evaluation import stats
from hera.evaluation.results import Bin

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

BLUE, ORANGE, GREY = "#0072B2", "#D55E00", "#666666"
_LINES = ("--", ":", "-.", (0, (6, 2, 1, 2, 1, 2)))  # a baseline each
_WIDTH = 6.8  # inches: a page's text width
_PER_ROW = 3  # panels side by side
FONT: Any = {"font.size": 9, "axes.titlesize": 9, "legend.fontsize": 8.5}


def pictures_of(run: ReportedRun) -> dict[str, Figure]:
    """The pictures that a run has, by kind: accuracy or means, pairs, confusion, reliability."""
    import matplotlib as mpl

    with mpl.rc_context(FONT):
        figures = {"accuracy": accuracy(run)} if run.measure else {"means": means(run)}
        if run.pairs:
            figures["pairs"] = pairs(run)
        if run.labels:
            figures["confusion"] = confusion(run)
        if run.calibrations:
            figures["reliability"] = reliability(run)
    return figures


def accuracy(run: ReportedRun) -> Figure:
    """The share of right items of every variant with its interval, and the baselines as lines."""
    key = str(run.measure)
    scores = run.scores[key]
    figure = new_figure(run, 0.36 * len(scores) + 1.35)
    axis = figure.subplots()
    draw_intervals(axis, list(scores.values()))
    name_rows(axis, list(scores))
    name_rows(
        axis,
        [f"{s.value:.1%} ({100 * s.low:.1f} to {100 * s.high:.1f})" for s in scores.values()],
        right=True,
    )
    for i, (name, value) in enumerate(run.guesses.items()):
        line = _LINES[i % len(_LINES)]
        axis.axvline(value, color=GREY, linestyle=line, lw=1.3, label=f"{name} {value:.1%}")
    if run.guesses:
        figure.legend(loc="outside lower center", ncols=4, frameon=False, handlelength=3)
    axis.set_xlim(0, 1)
    axis.xaxis.set_major_formatter("{x:.0%}")
    axis.set_xlabel(f"{key.replace('_', ' ')}, 95 % interval")
    return figure


def means(run: ReportedRun) -> Figure:
    """A panel for each measure: the mean of every variant with its interval."""
    rows, columns = _grid(len(run.scores))
    names = run.variants
    figure = new_figure(run, rows * (0.28 * len(names) + 0.75) + 0.35)
    panels = figure.subplots(rows, columns, squeeze=False, sharey=True)
    for axis, (measure, scores) in zip(panels.flat, run.scores.items(), strict=False):
        draw_intervals(axis, [scores.get(name, Estimate(nan, nan, nan)) for name in names])
        axis.set_title(measure.replace("_", " "))
        axis.margins(x=0.15)
        axis.xaxis.set_major_locator(_ticks(4))
        name_rows(axis, names)
    _blank(panels, len(run.scores))
    return figure


def pairs(run: ReportedRun) -> Figure:
    """For every pair, how many items only one of the two got right, and what that tells."""
    figure = new_figure(run, 0.34 * len(run.pairs) + 1.2)
    axis = figure.subplots()
    most = max(1, *(max(p.only_a, p.only_b) for p in run.pairs))
    for row, pair in enumerate(run.pairs):
        for count, side, color in ((pair.only_a, -1, ORANGE), (pair.only_b, 1, BLUE)):
            axis.barh(row, side * count, height=0.6, color=color)
            at, align = side * (count + 0.02 * most), "left" if side > 0 else "right"
            axis.text(at, row, str(count), ha=align, va="center")
    name_rows(axis, [f"{p.a} vs {p.b}" for p in run.pairs])
    verdicts = ("second worse", "cannot be told", "second better")
    name_rows(axis, [verdicts[p.verdict + 1] for p in run.pairs], right=True)
    axis.axvline(0, color="black", lw=0.8)
    axis.set_xlim(-1.22 * most, 1.22 * most)
    axis.xaxis.set_major_locator(_ticks(7, whole=True))
    axis.xaxis.set_major_formatter(lambda x, _: f"{abs(x):.0f}")
    axis.set_xlabel("items:  only the first right  ←  |  →  only the second right")
    return figure


def confusion(run: ReportedRun) -> Figure:
    """A matrix for each variant: rows gold, columns predicted; shade is the share of the row."""
    matrices = {name: labels.confusion for name, labels in run.labels.items()}
    rows, columns = _grid(len(matrices))
    gold = list(next(iter(matrices.values())))
    labels = list(dict.fromkeys(p for m in matrices.values() for row in m.values() for p in row))
    figure = new_figure(run, rows * 2.3 + 0.35, columns)
    panels = figure.subplots(rows, columns, squeeze=False)
    for axis, (name, matrix) in zip(panels.flat, matrices.items(), strict=False):
        shares = [
            [matrix[g].get(p, 0) / (sum(matrix[g].values()) or 1) for p in labels] for g in gold
        ]
        aspect = "auto" if columns == _PER_ROW else "equal"  # fill a full row, else be square
        axis.imshow(shares, cmap="Blues", vmin=0, vmax=1, aspect=aspect)
        for row, line in enumerate(shares):
            for column, share in enumerate(line):
                count = matrix[gold[row]].get(labels[column], 0)
                color = "white" if share > 0.55 else "black"
                text = f"{count}\n{share:.0%}"
                axis.text(column, row, text, ha="center", va="center", color=color, fontsize=8.5)
        axis.set_title(_wrapped(name))
        axis.set_xticks(range(len(labels)), labels)
        axis.set_yticks(range(len(gold)), gold)
        axis.tick_params(length=0, labelsize=8)
        axis.set_xlabel("predicted")
    for axis in panels[:, 0]:
        axis.set_ylabel("gold")
    _blank(panels, len(matrices))
    return figure


def reliability(run: ReportedRun) -> Figure:
    """For each variant: how often it is right when it is so sure, over how often it is so sure."""
    calibrations = run.calibrations
    rows, columns = _grid(len(calibrations))
    figure = new_figure(run, rows * 2.9 + 0.35, columns)
    panels = figure.subplots(
        2 * rows, columns, squeeze=False, sharex=True, sharey="row", height_ratios=[3.2, 1] * rows
    )
    for i, (name, calibration) in enumerate(calibrations.items()):
        row, column = divmod(i, columns)
        upper, lower = panels[2 * row, column], panels[2 * row + 1, column]
        _reliability(upper, calibration.bins)
        upper.set_title(f"{_wrapped(name)}\nECE {calibration.ece:.3f}")
        for b in calibration.bins:
            share, width = b.n / run.n, b.high - b.low
            lower.bar(b.low + width / 2, share, 0.85 * width, color=GREY)
        lower.set_ylim(0, 1)
        lower.set_xlabel("confidence")
        for axis in (upper, lower):
            axis.spines[["top", "right"]].set_visible(False)
            axis.yaxis.set_major_formatter("{x:.0%}")
        lower.set_xticks([0, 0.5, 1], ["0", "50%", "100%"])
        lower.tick_params(labelbottom=True)  # also where a row of panels follows
    for axis, label in zip(panels[:, 0], ("accuracy", "items") * rows, strict=True):
        axis.set_ylabel(label)
    for row in range(rows):
        _blank(panels[2 * row : 2 * row + 2].T, 2 * (len(calibrations) - row * columns))
    return figure


def _reliability(axis: Axes, bins: Sequence[Bin]) -> None:
    axis.plot([0, 1], [0, 1], color=GREY, linestyle="--", lw=1)
    sure, right = [b.confidence for b in bins], [b.accuracy for b in bins]
    ends = [stats.wilson(round(b.n * b.accuracy), b.n) for b in bins]
    below = [max(0.0, r - low) for r, (low, _) in zip(right, ends, strict=True)]
    above = [max(0.0, high - r) for r, (_, high) in zip(right, ends, strict=True)]
    axis.errorbar(sure, right, [below, above], fmt="o", color=BLUE, ms=4.5, lw=1.2, capsize=2.5)
    axis.set_xlim(-0.03, 1.03)  # a point at either end is drawn whole
    axis.set_ylim(-0.03, 1.03)


def new_figure(run: Subject, height: float, columns: int = _PER_ROW) -> Figure:
    """An empty one, so many inches high, under a title that says what was run."""
    from matplotlib.figure import Figure  # no pyplot: its figures would outlive the report

    mark = f"\n{run.mark}" if run.mark else ""
    share = max(2, columns) / _PER_ROW  # one panel alone still needs room for its title
    figure = Figure(figsize=(share * _WIDTH, height), dpi=200, layout="constrained")
    prompt = f", prompt {run.result.prompt}" if run.result.prompt else ""
    words = f"{run.title}, {run.result.data.ref}, n = {run.n}{prompt}"
    title = textwrap.fill(words, int(80 * share)) + mark
    figure.suptitle(title, fontsize=9.5, fontweight="bold" if mark else "normal")
    return figure


def draw_intervals(axis: Axes, scores: Sequence[Estimate]) -> None:
    """A row a number: a point with its interval."""
    value = [s.value for s in scores]
    ends = [[s.value - s.low for s in scores], [s.high - s.value for s in scores]]
    clipped = [[x if isnan(x) else max(0.0, x) for x in side] for side in ends]  # of rounding
    axis.errorbar(value, range(len(scores)), xerr=clipped, fmt="o", color=BLUE, capsize=3.5, ms=5)
    axis.spines[["top", "right"]].set_visible(False)
    axis.grid(axis="x", color="#dddddd", lw=0.6)
    axis.set_axisbelow(True)


def name_rows(axis: Axes, names: Sequence[str], *, right: bool = False) -> None:
    """Names of the rows, the first one on top."""
    side = axis.secondary_yaxis("right") if right else axis
    side.set_yticks(range(len(names)), [_wrapped(name) for name in names])
    side.tick_params(axis="y", length=0)
    if right:
        side.spines["right"].set_visible(False)
    else:
        axis.set_ylim(len(names) - 0.4, -0.6)
        axis.spines[["top", "right", "left"]].set_visible(False)


def _wrapped(name: str) -> str:
    return textwrap.fill(name, 34)


def _grid(panels: int) -> tuple[int, int]:
    columns = min(panels, _PER_ROW)
    return -(-panels // columns), columns


def _blank(panels: Any, used: int) -> None:
    for axis in list(panels.flat)[max(0, used) :]:
        axis.set_visible(False)


def _ticks(most: int, *, whole: bool = False) -> Any:
    from matplotlib.ticker import MaxNLocator

    return MaxNLocator(most, integer=whole)
