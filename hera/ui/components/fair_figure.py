"""Eight prompts as pictures: every variant's accuracy under each, and what a pair gains."""

from __future__ import annotations

import html
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from hera.evaluation.comparing import Pair
from hera.evaluation.fair_prompts import Accuracy, FairPair, FairPrompts
from hera.evaluation.records import Interval
from hera.evaluation.scoring import PROMPTS
from hera.ui.components.axes import legend
from hera.ui.components.colours import colour
from hera.ui.words import WORDS

_WIDTH, _LEFT, _RIGHT, _BOTTOM = 360, 116, 18, 22
_ROOM = 12  # around what stands in a row
_APART = 9  # between two dots of a row
_QUARTERS = 4


@dataclass(frozen=True)
class _Dot:
    """A value with its interval; hollow where it tells nothing."""

    value: float
    ci95: Interval
    tone: str
    said: str
    hollow: bool = False


@dataclass(frozen=True)
class _Rows:
    """A row a prompt, across from `low` to `high`; `apart` sets off the last one."""

    names: Sequence[str]
    dots: Sequence[Sequence[_Dot]]
    low: float
    high: float
    apart: bool = True

    @property
    def row(self) -> int:
        """How high a row is."""
        return _ROOM + _APART * max(len(dots) for dots in self.dots)

    @property
    def foot(self) -> int:
        """Where the last row ends."""
        return self.row * len(self.names)

    def x(self, value: float) -> float:
        """Where a value stands."""
        share = (value - self.low) / (self.high - self.low)
        return round(_LEFT + (_WIDTH - _LEFT - _RIGHT) * share, 1)

    def svg(self, said: str, marks: Sequence[tuple[float, str]]) -> str:
        """The drawing; `marks` are the numbers under it and where they stand."""
        rows = "".join(
            f'<text x="0" y="{top + self.row / 2 + 4}">{html.escape(name)}</text>'
            + "".join(self._dot(dot, top, place, len(dots)) for place, dot in enumerate(dots))
            for top, name, dots in zip(
                range(0, self.foot, self.row), self.names, self.dots, strict=True
            )
        )
        return (
            f'<svg class="measured" viewBox="0 0 {_WIDTH} {self.foot + _BOTTOM}" role="img" '
            f'aria-label="{html.escape(said)}">{self._grid(marks)}{rows}</svg>'
        )

    def _grid(self, marks: Sequence[tuple[float, str]]) -> str:
        lines = "".join(
            f'<line class="grid" x1="{self.x(at)}" x2="{self.x(at)}" y1="0" y2="{self.foot}"/>'
            f'<text x="{self.x(at)}" y="{self.foot + 16}" text-anchor="middle">{text}</text>'
            for at, text in marks
        )
        last, none = self.foot - self.row, self.x(0.0)
        if self.low < 0:
            lines += f'<line class="ideal" x1="{none}" x2="{none}" y1="0" y2="{self.foot}"/>'
        if self.apart:
            lines += f'<line class="grid" x1="0" x2="{_WIDTH}" y1="{last}" y2="{last}"/>'
        return lines

    def _dot(self, dot: _Dot, top: int, place: int, among: int) -> str:
        y = top + self.row / 2 + _APART * (place - (among - 1) / 2)
        start, end = (self.x(min(max(x, self.low), self.high)) for x in dot.ci95)
        hollow = ' class="hollow"' if dot.hollow else ""
        return (
            f'<g style="--variant: {dot.tone}"><line class="range" x1="{start}" x2="{end}" '
            f'y1="{y}" y2="{y}"/><circle{hollow} cx="{self.x(dot.value)}" cy="{y}" r="4">'
            f"<title>{html.escape(dot.said)}</title></circle></g>"
        )


def accuracy_plot(
    under: Mapping[str, Mapping[str, Accuracy]], own: Mapping[str, Accuracy], served: Sequence[str]
) -> str:
    """Every variant's accuracy.

    Args:
        under: variant -> prompt -> accuracy.
        own: variant -> accuracy with its own best prompt; empty before that is known.
        served: what decides the colours.
    """
    words = WORDS.fair
    rows = [{name: its[prompt] for name, its in under.items()} for prompt in PROMPTS]
    names = [words.prompts[prompt].name for prompt in PROMPTS]
    if own:
        rows, names = [*rows, dict(own)], [*names, words.own]
    dots = [
        [_accuracy(name, one, colour(name, served)) for name, one in row.items()] for row in rows
    ]
    marks = [(place / _QUARTERS, f"{place / _QUARTERS:.0%}") for place in range(_QUARTERS + 1)]
    rows_of = _Rows(names, dots, 0.0, 1.0, apart=bool(own))
    drawn = rows_of.svg(_said(words.accuracy, names, dots), marks)
    key = legend((colour(name, served), name) for name in under)
    return _figure(words.accuracy, key + drawn)


def gain_plots(found: FairPrompts, served: Sequence[str]) -> str:
    """What every pair gains under each prompt, and last with each its own, all on one scale."""
    reach = max((_reach(pair) for pair in found.paired), default=0.0)
    return "".join(
        _gain_plot(pair, colour(pair.b, served), math.ceil(10 * reach) / 10 or 0.1)
        for pair in found.paired
    )


def _gain_plot(pair: FairPair, tone: str, reach: float) -> str:
    words = WORDS.fair
    heading = words.gain.format(a=pair.a, b=pair.b)
    names = [*(words.prompts[prompt].name for prompt in pair.under), words.own]
    dots = [[_gain(its, tone)] for its in (*pair.under.values(), pair.fair)]
    marks = [(at, f"{100 * at:+.0f}" if at else "0") for at in (-reach, 0.0, reach)]
    drawn = _Rows(names, dots, -reach, reach).svg(_said(heading, names, dots), marks)
    return _figure(heading, drawn)


def _reach(pair: FairPair) -> float:
    """How far from none its gains are, and their intervals."""
    ends = (end for its in (*pair.under.values(), pair.fair) for end in its.difference_ci95)
    return max(map(abs, ends))


def _accuracy(name: str, one: Accuracy, tone: str) -> _Dot:
    low, high = one.accuracy_ci95
    share = WORDS.luck.share.format(mean=one.accuracy, low=low, high=high)
    return _Dot(one.accuracy, one.accuracy_ci95, tone, f"{name} {share}")


def _gain(pair: Pair, tone: str) -> _Dot:
    low, high = pair.difference_ci95
    said = WORDS.fair.points.format(mean=100 * pair.difference, low=100 * low, high=100 * high)
    return _Dot(pair.difference, pair.difference_ci95, tone, said, hollow=not pair.verdict)


def _said(heading: str, names: Iterable[str], dots: Iterable[Sequence[_Dot]]) -> str:
    rows = zip(names, dots, strict=True)
    listed = "; ".join(f"{name}: {', '.join(dot.said for dot in its)}" for name, its in rows)
    return f"{heading}. {listed}"


def _figure(heading: str, drawn: str) -> str:
    caption = f"<figcaption>{html.escape(heading)}</figcaption>"
    return f'<figure class="plot">{caption}{drawn}</figure>'
