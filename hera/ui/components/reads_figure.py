"""Who reads, as a picture: every share with its interval, variants and non-readers side by side."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from typing import Any

from hera.evaluation.reading import Answerer, Reads, Share
from hera.ui.components.colours import colour
from hera.ui.words import WORDS

_ROWS = ("original", "removed", "exchanged", "turned", "beside")
_QUIET = ("#999999", "#bbbbbb")
_LETTERS = 18  # in a line of a row's name


def reads_figure(found: Reads, served: Sequence[str]) -> Any:
    """A matplotlib Figure: a row a measure, in it a point with its interval for everyone."""
    from matplotlib.figure import Figure  # no pyplot: its figures would outlive the request

    words = WORDS.reads
    everyone = found.variants | found.non_readers
    figure = Figure(figsize=(6.4, 1.2 + 0.24 * len(everyone) * len(_ROWS)), dpi=110)
    figure.set_layout_engine("constrained")
    axis = figure.subplots()
    step = 0.8 / len(everyone)
    for place, (name, one) in enumerate(everyone.items()):
        is_variant = name in found.variants
        quiet = _QUIET[(place - len(found.variants)) % len(_QUIET)]
        tone = colour(name, served) if is_variant else quiet
        at = [row - 0.4 + step * (place + 0.5) for row in range(len(_ROWS))]
        known = [(y, _share(one, row)) for y, row in zip(at, _ROWS, strict=True)]
        drawn = [(y, s.share, s.ci95) for y, s in known if s.share is not None]
        axis.errorbar(
            [share for _, share, _ in drawn],
            [y for y, _, _ in drawn],
            xerr=[
                [max(share - ci[0], 0.0) for _, share, ci in drawn],
                [max(ci[1] - share, 0.0) for _, share, ci in drawn],
            ],
            fmt="o" if is_variant else "s",
            markerfacecolor=tone if is_variant else "white",
            color=tone,
            label=words.others.get(name, name),
        )
    axis.set_yticks(
        range(len(_ROWS)), [textwrap.fill(words.rows[row].name, _LETTERS) for row in _ROWS]
    )
    axis.set_ylim(len(_ROWS) - 0.5, -0.5)
    axis.set_xlim(-0.02, 1.02)
    for row in range(1, len(_ROWS)):
        axis.axhline(row - 0.5, color="#dddddd", linewidth=0.8)
    axis.xaxis.set_major_formatter(lambda share, _: f"{share:.0%}")
    axis.spines[["top", "right", "left"]].set_visible(False)
    figure.legend(loc="outside upper center", ncols=3, frameon=False, fontsize=9)
    return figure


def _share(one: Answerer, row: str) -> Share:
    if row == "turned":
        return one.turned
    return one.beside if row == "beside" else one.accuracy[row]
