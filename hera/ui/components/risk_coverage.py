"""Risk and coverage: what a variant gets wrong that answers only where it is surest."""

from __future__ import annotations

import html
from collections.abc import Sequence

from hera.evaluation.scoring import Scored, probabilities
from hera.evaluation.selective import Threshold, area_under, risk_coverage
from hera.ui.components.axes import Axes, legend
from hera.ui.components.colours import colour
from hera.ui.words import WORDS


def risk_coverage_html(scored: Sequence[Scored], variants: Sequence[str]) -> str:
    """A line a variant."""
    words = WORDS.pictures
    curves = {name: _curve(scored, name) for name in variants}
    said = [
        (colour(name, variants), words.area.format(variant=name, area=area_under(c), half=_half(c)))
        for name, c in curves.items()
    ]
    highest = max(point.risk for curve in curves.values() for point in curve)
    axes = Axes(high=next(top for top in (0.2, 0.4, 0.6, 0.8, 1.0) if highest <= top))
    drawn = "".join(
        f'<g style="--variant: {colour(name, variants)}"><polyline points="'
        f'{axes.points((point.coverage, point.risk) for point in curve)}"/></g>'
        for name, curve in curves.items()
    )
    picture = axes.svg("; ".join(text for _, text in said), drawn, (words.answered, words.wrong))
    about = html.escape(words.coverage_about)
    return f'<figure class="plot">{legend(said)}{picture}<p>{about}</p></figure>'


def _curve(scored: Sequence[Scored], name: str) -> list[Threshold]:
    sure = [max(probabilities(each.logprobs[name]).values()) for each in scored]
    return risk_coverage(sure, [each.pred[name] == each.gold for each in scored])


def _half(curve: Sequence[Threshold]) -> float:
    """The risk where at least half is answered."""
    return next(point.risk for point in curve if point.coverage >= 0.5)
