"""The frame of a small plot as SVG: shares upwards, whatever it is across."""

from __future__ import annotations

import html
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

_LEFT, _RIGHT, _TOP, _BOTTOM = 54, 20, 8, 36
_QUARTERS = (0.0, 0.25, 0.5, 0.75, 1.0)


@dataclass(frozen=True)
class Axes:
    """Upwards from 0 to `high`, across from 0 to `end`, in pixels of the drawing."""

    end: float = 1.0
    high: float = 1.0
    width: int = 440
    height: int = 250

    def x(self, value: float) -> float:
        """Where it stands across."""
        room = self.width - _LEFT - _RIGHT
        return round(_LEFT + room * value / self.end, 1)

    def y(self, share: float) -> float:
        """How far from the top."""
        room = self.height - _TOP - _BOTTOM
        return round(_TOP + room * (1 - share / self.high), 1)

    def points(self, at: Iterable[tuple[float, float]]) -> str:
        """As a line or an area has them."""
        return " ".join(f"{self.x(x)},{self.y(y)}" for x, y in at)

    def svg(self, said: str, drawn: str, names: tuple[str, str], counts: Sequence[int] = ()) -> str:
        """The drawing within its frame.

        Args:
            said: the picture in words.
            drawn: what is in it.
            names: of what it shows across and upwards.
            counts: where numbers stand across; without any these are shares.
        """
        across = [(float(n), f"{n:,}") for n in counts] or [(q, f"{q:.0%}") for q in _QUARTERS]
        numbers = "".join(
            f'<text x="{self.x(at)}" y="{self.height - 20}" text-anchor="middle">{text}</text>'
            for at, text in across
        )
        lines = "".join(
            f'<line class="grid" x1="{_LEFT}" x2="{self.width - _RIGHT}" y1="{y}" y2="{y}"/>'
            f'<text x="{_LEFT - 6}" y="{y + 4}" text-anchor="end">{self.high * quarter:.0%}</text>'
            for quarter in _QUARTERS
            for y in [self.y(self.high * quarter)]
        )
        middle, foot = _LEFT + (self.width - _LEFT - _RIGHT) / 2, self.height - 4
        return (
            f'<svg class="measured" viewBox="0 0 {self.width} {self.height}" role="img" '
            f'aria-label="{html.escape(said)}">{lines}{numbers}'
            f'<text x="{middle}" y="{foot}" text-anchor="middle">{html.escape(names[0])}</text>'
            f'<text transform="translate(10 {self.height / 2 - 14}) rotate(-90)" '
            f'text-anchor="middle">{html.escape(names[1])}</text>{drawn}</svg>'
        )


def legend(entries: Iterable[tuple[str, str]]) -> str:
    """What each colour is: (colour, text)."""
    items = "".join(
        f'<li style="--variant: {tone}">{html.escape(text)}</li>' for tone, text in entries
    )
    return f'<ul class="key">{items}</ul>'
