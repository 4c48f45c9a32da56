"""Accuracy while it is measured: a line a variant, in its colour, within its interval's band."""

from __future__ import annotations

import html
from collections.abc import Sequence

from hera.evaluation.scoring import Scored
from hera.evaluation.stats import wilson
from hera.ui.components.axes import Axes, legend
from hera.ui.components.colours import colour, is_derived
from hera.ui.words import WORDS

_STEPS = 50
"""Points of a line at most: nobody sees more, and each costs an interval."""

Point = tuple[int, float, float, float]
"""After so many questions the accuracy and the two ends of its interval."""


def course(scored: Sequence[Scored], variant: str, total: int) -> list[Point]:
    """A variant's accuracy in the order in which the questions were scored."""
    apart = max(1, total // _STEPS)
    hits, points = 0, []
    for n, each in enumerate(scored, 1):
        hits += each.pred[variant] == each.gold
        if n % apart == 0 or n == len(scored):
            points.append((n, hits / n, *wilson(hits, n)))
    return points


def running_plot(
    scored: Sequence[Scored], variants: Sequence[str], total: int, about: str | None = None
) -> str:
    """The plot of what is scored so far, out of `total`, and what it says in words; `about` stands
    under it in place of what is said of PubMedQA's."""
    words, axes = WORDS.live, Axes(end=total)
    courses = {name: course(scored, name, total) for name in variants}
    said = {
        name: words.said.format(variant=name, accuracy=share, low=low, high=high)
        for name, points in courses.items()
        for _, share, low, high in points[-1:]
    }
    drawn = "".join(
        _line(points, axes, colour(name, variants), dashed=is_derived(name))
        for name, points in courses.items()
    )
    counts = sorted({0, total // 2, total} - {1 if total > 2 else 0} | {0})
    picture = axes.svg("; ".join(said.values()), drawn, (words.axis, words.right), counts)
    key = legend((colour(name, variants), text) for name, text in said.items())
    return (
        f'<figure class="plot"><figcaption>{html.escape(words.heading)}</figcaption>{key}{picture}'
        f"<p>{html.escape(about or words.about)}</p></figure>"
    )


def _line(points: Sequence[Point], axes: Axes, tone: str, *, dashed: bool) -> str:
    band = [(n, high) for n, _, _, high in points] + [(n, low) for n, _, low, _ in points[::-1]]
    line = axes.points((n, share) for n, share, _, _ in points)
    dash = ' stroke-dasharray="6 4"' if dashed else ""
    last, share = points[-1][:2]
    return (
        f'<g style="--variant: {tone}"><polygon points="{axes.points(band)}"/>'
        f'<polyline points="{line}"{dash}/>'
        f'<circle cx="{axes.x(last)}" cy="{axes.y(share)}" r="3.5"/></g>'
    )
