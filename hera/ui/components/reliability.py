"""Reliability: how often a variant is right where it is so sure, a diagram each."""

from __future__ import annotations

import html
from collections.abc import Mapping

from hera.evaluation.results import Bin, PubmedqaVariant
from hera.evaluation.stats import wilson
from hera.ui.components.axes import Axes
from hera.ui.components.colours import colour
from hera.ui.words import WORDS

_AXES = Axes(width=320, height=260)


def reliability_html(variants: Mapping[str, PubmedqaVariant]) -> str:
    """The diagrams of the variants whose labels were scored."""
    drawn = "".join(
        _figure(name, variant, colour(name, list(variants))) for name, variant in variants.items()
    )
    about = html.escape(WORDS.pictures.reliability_about)
    return f'<div class="matrices">{drawn}</div><p>{about}</p>'


def _figure(name: str, variant: PubmedqaVariant, tone: str) -> str:
    found, words = variant.calibration, WORDS.pictures
    if found is None:
        return ""
    heading = words.error.format(variant=name, error=found.ece)
    most = max(each.n for each in found.bins)
    diagonal = _AXES.points([(0, 0), (1, 1)])
    dots = "".join(_dot(each, most) for each in found.bins)
    said = f"{heading}. {'; '.join(_said(each) for each in found.bins)}"
    drawn = f'<polyline class="ideal" points="{diagonal}"/><g style="--variant: {tone}">{dots}</g>'
    picture = _AXES.svg(said, drawn, (words.sure, words.right))
    return f'<figure class="plot"><figcaption>{html.escape(heading)}</figcaption>{picture}</figure>'


def _dot(each: Bin, most: int) -> str:
    x, y = _AXES.x(each.confidence), _AXES.y(each.accuracy)
    low, high = _ends(each)
    radius = 3 + 5 * (each.n / most) ** 0.5
    return (
        f'<line class="range" x1="{x}" x2="{x}" y1="{_AXES.y(low)}" y2="{_AXES.y(high)}"/>'
        f'<circle cx="{x}" cy="{y}" r="{radius:.1f}"><title>{html.escape(_said(each))}</title>'
        "</circle>"
    )


def _said(each: Bin) -> str:
    low, high = _ends(each)
    return WORDS.pictures.bin.format(
        n=each.n, sure=each.confidence, right=each.accuracy, low=low, high=high
    )


def _ends(each: Bin) -> tuple[float, float]:
    return wilson(round(each.accuracy * each.n), each.n)
