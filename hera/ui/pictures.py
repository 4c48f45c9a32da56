"""The PubMedQA tab's picture: accuracy with its interval over each variant's confusion matrix."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from hera.prompts import LABELS


def confusion_figure(variants: Mapping[str, Mapping[str, Any]]) -> Any:
    """A matplotlib Figure of a result's variants: a matrix each, rows gold, columns predicted."""
    from matplotlib.figure import Figure  # no pyplot: its figures would outlive the request

    n = len(variants)
    figure = Figure(figsize=(2.7 * n + 0.4, 3.1), dpi=110, layout="constrained")
    axes = figure.subplots(1, n, squeeze=False)[0]
    for axis, (name, found) in zip(axes, variants.items(), strict=True):
        counts = [[found["confusion"][g][p] for p in LABELS] for g in LABELS]
        highest = max(max(row) for row in counts) or 1
        axis.imshow(counts, cmap="GnBu", vmin=0, vmax=highest)
        for row, line in enumerate(counts):
            for column, count in enumerate(line):
                dark = count > 0.6 * highest
                axis.text(
                    column,
                    row,
                    str(count),
                    ha="center",
                    va="center",
                    color="white" if dark else "black",
                )
        low, high = found["accuracy_ci95"]
        axis.set_title(f"{name}\n{found['accuracy']:.0%} ({low:.0%} to {high:.0%})", fontsize=10)
        axis.set_xticks(range(len(LABELS)), LABELS)
        axis.set_yticks(range(len(LABELS)), LABELS)
        axis.set_xlabel("predicted")
    axes[0].set_ylabel("gold")
    return figure
