"""The PubMedQA tab's picture: accuracy with its interval over each variant's confusion matrix."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping
from typing import Any

from hera.data.pubmedqa import LABELS
from hera.evaluation.results import PubmedqaVariant
from hera.ui.components.colours import colour
from hera.ui.words import WORDS

_LETTERS = 40  # in a line of the title: a phone shows the first matrix and scrolls to the rest


def confusion_figure(variants: Mapping[str, PubmedqaVariant], source: str) -> Any:
    """A matplotlib Figure of a result's variants: a matrix each, rows gold, columns predicted,
    under what was asked."""
    from matplotlib.figure import Figure  # no pyplot: its figures would outlive the request

    n = len(variants)
    title = textwrap.fill(WORDS.figure.source.format(source=source), _LETTERS)
    height = 3.2 + 0.2 * len(title.splitlines())
    figure = Figure(figsize=(2.7 * n + 0.4, height), dpi=110, layout="constrained")
    axes = figure.subplots(1, n, squeeze=False)[0]
    for axis, (name, variant) in zip(axes, variants.items(), strict=True):
        _matrix(axis, name, variant)
        axis.spines[:].set_color(colour(name, list(variants)))
        axis.spines[:].set_linewidth(2)
    axes[0].set_ylabel(WORDS.figure.gold)
    figure.suptitle(title, x=0.02, ha="left", fontsize=10, parse_math=False)
    return figure


def _matrix(axis: Any, name: str, variant: PubmedqaVariant) -> None:
    """One variant's, on a matplotlib Axes."""
    counts = [[variant.confusion[gold][predicted] for predicted in LABELS] for gold in LABELS]
    highest = max(max(row) for row in counts) or 1
    axis.imshow(counts, cmap="GnBu", vmin=0, vmax=highest)
    for row, line in enumerate(counts):
        for column, count in enumerate(line):
            color = "white" if count > 0.6 * highest else "black"
            axis.text(column, row, str(count), ha="center", va="center", color=color)
    low, high = variant.accuracy_ci95
    heading = WORDS.figure.heading.format(
        variant=name, accuracy=variant.accuracy, low=low, high=high
    )
    axis.set_title(heading, fontsize=10)
    axis.set_xticks(range(len(LABELS)), LABELS)
    axis.set_yticks(range(len(LABELS)), LABELS)
    axis.set_xlabel(WORDS.figure.predicted)
