"""Text on a picture: wrapped, in fonts that have its letters, from the side where it begins.

Set with Pillow, which sets Arabic and Hebrew as they are read where it has FriBiDi (matplotlib does
not). DejaVu comes with matplotlib; what it lacks, as Chinese, is looked for in the machine's other
fonts.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont, features

SCALE = 2
"""Pixels: sharp on a phone."""
INK = "#15202b"


@dataclass(frozen=True)
class Text:
    """A paragraph, before and after it is wrapped."""

    text: str
    size: int = 15
    ink: str = INK
    bold: bool = False
    after: int = 8


@dataclass(frozen=True)
class Line:
    """A line as it was wrapped."""

    text: str
    style: Text
    height: int


class Sheet:
    """Sets lines of text in two fonts."""

    def __init__(self, regular: str, bold: str) -> None:
        self._files = (regular, bold)

    def font(self, style: Text) -> ImageFont.FreeTypeFont:
        return _font(self._files[style.bold], style.size * SCALE)

    def wrapped(self, texts: list[Text], width: int) -> list[Line]:
        """The texts in lines of at most so many pixels."""
        found = []
        for style in texts:
            lines = list(self._lines(style, width)) or [""]
            for place, line in enumerate(lines):
                last = place == len(lines) - 1
                height = round(style.size * 1.45 * SCALE) + (style.after * SCALE if last else 0)
                found.append(Line(line, style, height))
        return found

    def _lines(self, style: Text, width: int) -> Iterator[str]:
        font, line = self.font(style), ""
        for word in style.text.expandtabs(4).split(" "):
            longer = f"{line} {word}" if line else word
            if font.getlength(longer) <= width:
                line = longer
                continue
            if line:
                yield line
            line = word
            while font.getlength(line) > width:  # one word, or a script that has no spaces
                fits = next(k for k in range(len(line), 0, -1) if font.getlength(line[:k]) <= width)
                yield line[:fits]
                line = line[fits:]
        yield line

    def draw(
        self, image: Image.Image, lines: list[Line], corner: tuple[int, int], width: int
    ) -> None:
        """Put the lines under one another, each beginning where its own script begins."""
        pen, (x, y) = ImageDraw.Draw(image), corner
        for line in lines:
            first = next((c for c in line.style.text if c.isalpha()), "")
            right = bool(first) and from_right(first)
            place = (x + width, y) if right else (x, y)
            pen.text(
                place,
                line.text,
                font=self.font(line.style),
                fill=line.style.ink,
                anchor="ra" if right else "la",
                direction=("rtl" if right else "ltr") if features.check("fribidi") else None,
            )
            y += line.height


def fonts(text: str) -> tuple[str, str]:
    """The regular and the bold font for a text: DejaVu, or the one that lacks the least of it."""
    from matplotlib.font_manager import FontProperties, findfont, fontManager

    regular = best = str(findfont(FontProperties(family="DejaVu Sans")))
    lacking = len(missing(text, regular))
    # matplotlib's last resort has a box for every character there is.
    others = (font.fname for font in fontManager.ttflist if "Last Resort" not in font.name)
    for file in dict.fromkeys(others) if lacking else ():
        if (lacks := len(missing(text, file))) < lacking:
            best, lacking = file, lacks
    bold = str(findfont(FontProperties(family="DejaVu Sans", weight="bold")))
    return (best, bold) if best == regular else (best, best)


def missing(text: str, file: str) -> set[str]:
    """The characters of a text that a font has no glyph for."""
    has = _characters(file)
    return {
        char for char in text if ord(char) not in has and unicodedata.category(char)[0] not in "CZ"
    }


@lru_cache(maxsize=256)
def _characters(file: str) -> frozenset[int]:
    from matplotlib.ft2font import FT2Font

    return frozenset(FT2Font(Path(file)).get_charmap())


@lru_cache(maxsize=32)
def _font(file: str, size: int) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(file, size)


def from_right(char: str) -> bool:
    """Whether it belongs to a script that begins on the right."""
    return unicodedata.bidirectional(char) in ("R", "AL")
