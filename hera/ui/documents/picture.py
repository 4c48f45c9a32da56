"""A kept comparison as a PNG: the question, and every answer under its variant's colour.

Drawn with Pillow, which sets Arabic and Hebrew as they are read where it has FriBiDi (matplotlib
does not). DejaVu comes with matplotlib; what it lacks, as Chinese, is looked for in the machine's
other fonts, and the picture says how many characters none of them has.
"""

from __future__ import annotations

import io
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont, features

from hera.explain.comparison import Column
from hera.explain.kept import Kept
from hera.ui.components.colours import colour, is_derived
from hera.ui.documents.parts import before, left_base, made, notices, numbers, settings
from hera.ui.words import WORDS

_SCALE = 2  # pixels: sharp on a phone
_COLUMN, _GAP, _PAD = 400 * _SCALE, 16 * _SCALE, 16 * _SCALE
_IN_A_ROW = 4
_LONGEST = 4_000  # characters of an answer: a picture of more is none
_INK, _SOFT, _SHEET, _PAPER, _LINE = "#15202b", "#4b5966", "#f4f6f8", "#ffffff", "#cfd6dd"


@dataclass(frozen=True)
class _Text:
    """A paragraph, before and after it is wrapped."""

    text: str
    size: int = 15
    ink: str = _INK
    bold: bool = False
    after: int = 8


def picture(kept: Kept) -> bytes:
    """The file."""
    everything = "".join([*_words_of(kept), *kept.variants])
    regular, bold = _files(everything)
    sheet = _Sheet(regular, bold)
    per_row = min(len(kept.columns), _IN_A_ROW)
    width = per_row * _COLUMN + (per_row - 1) * _GAP
    top = sheet.wrapped(_heading(kept, _limits(everything, regular)), width)
    columns = [sheet.wrapped(_column(kept, c), _COLUMN - 2 * _PAD) for c in kept.columns]
    rows = [columns[k : k + per_row] for k in range(0, len(columns), per_row)]
    heights = [max(sum(line.height for line in one) for one in row) + 2 * _PAD for row in rows]
    size = (width + 2 * _PAD, sum(line.height for line in top) + sum(heights) + _GAP * len(rows))
    image = Image.new("RGB", (size[0], size[1] + 2 * _PAD), _SHEET)
    sheet.draw(image, top, (_PAD, _PAD), width)
    y = _PAD + sum(line.height for line in top)
    for number, (row, height) in enumerate(zip(rows, heights, strict=True)):
        for place, lines in enumerate(row):
            variant = kept.columns[number * per_row + place].variant
            x = _PAD + place * (_COLUMN + _GAP)
            _card(image, (x, y, x + _COLUMN, y + height), variant, kept.served)
            sheet.draw(image, lines, (x + _PAD, y + _PAD), _COLUMN - 2 * _PAD)
        y += height + _GAP
    sink = io.BytesIO()
    image.save(sink, "PNG", optimize=True)
    return sink.getvalue()


def _words_of(kept: Kept) -> Iterator[str]:
    yield kept.message
    yield from (column.text[:_LONGEST] for column in kept.columns)


def _heading(kept: Kept, limits: list[str]) -> list[_Text]:
    return [
        *(_Text(text, 13, "#92400e") for text in [*notices(kept), *limits]),
        *(_Text(line, 17, bold=True, after=6) for line in kept.message.splitlines()),
        _Text(f"{made(kept)} · {settings(kept)}", 13, _SOFT, after=16),
    ]


def _column(kept: Kept, column: Column) -> list[_Text]:
    said = column.text[:_LONGEST] + ("…" if len(column.text) > _LONGEST else "")
    left = left_base(kept, column)
    turns = before(kept, column)
    words = WORDS.kept.before.format(n=len(turns), variant=column.variant)
    return [
        _Text(column.variant, 16, bold=True),
        *([_Text(words, 13, _SOFT)] if turns else []),
        *(_Text(line) for line in said.splitlines()),
        *([_Text(left, 13, _SOFT)] if left else []),
        _Text(numbers(column), 13, _SOFT, after=0),
    ]


def _limits(text: str, font: str) -> list[str]:
    """What the picture cannot show of a text."""
    words, found = WORDS.kept, []
    missing = _missing(text, font)
    if missing:
        found.append(words.no_glyph.format(n=len(missing), example=f"U+{ord(min(missing)):04X}"))
    if not features.check("fribidi") and any(_from_right(char) for char in text):
        found.append(words.no_shaping)
    return found


@dataclass(frozen=True)
class _Line:
    text: str
    style: _Text
    height: int


class _Sheet:
    """Sets lines of text in two fonts."""

    def __init__(self, regular: str, bold: str) -> None:
        self._files = (regular, bold)

    def font(self, style: _Text) -> ImageFont.FreeTypeFont:
        return _font(self._files[style.bold], style.size * _SCALE)

    def wrapped(self, texts: list[_Text], width: int) -> list[_Line]:
        """The texts in lines of at most so many pixels."""
        found = []
        for style in texts:
            lines = list(self._lines(style, width)) or [""]
            for place, line in enumerate(lines):
                last = place == len(lines) - 1
                height = round(style.size * 1.45 * _SCALE) + (style.after * _SCALE if last else 0)
                found.append(_Line(line, style, height))
        return found

    def _lines(self, style: _Text, width: int) -> Iterator[str]:
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
        self, image: Image.Image, lines: list[_Line], corner: tuple[int, int], width: int
    ) -> None:
        """Put the lines under one another, each beginning where its own script begins."""
        pen, (x, y) = ImageDraw.Draw(image), corner
        for line in lines:
            first = next((c for c in line.style.text if c.isalpha()), "")
            right = bool(first) and _from_right(first)
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


def _card(
    image: Image.Image, box: tuple[int, int, int, int], variant: str, served: tuple[str, ...]
) -> None:
    """A column's ground, its variant's colour on top, dashed where it is made of others."""
    pen, (left, top, right, _) = ImageDraw.Draw(image), box
    pen.rectangle(box, _PAPER, _LINE, _SCALE)
    dash = 12 * _SCALE if is_derived(variant) else right - left
    for x in range(left, right, 2 * dash):
        pen.rectangle((x, top, min(x + dash, right), top + 4 * _SCALE), colour(variant, served))


def _files(text: str) -> tuple[str, str]:
    """The regular and the bold font for a text: DejaVu, or the one that lacks the least of it."""
    from matplotlib.font_manager import FontProperties, findfont, fontManager

    regular = best = str(findfont(FontProperties(family="DejaVu Sans")))
    missing = len(_missing(text, regular))
    # matplotlib's last resort has a box for every character there is.
    others = (font.fname for font in fontManager.ttflist if "Last Resort" not in font.name)
    for file in dict.fromkeys(others) if missing else ():
        if (lacks := len(_missing(text, file))) < missing:
            best, missing = file, lacks
    bold = str(findfont(FontProperties(family="DejaVu Sans", weight="bold")))
    return (best, bold) if best == regular else (best, best)


def _missing(text: str, file: str) -> set[str]:
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


def _from_right(char: str) -> bool:
    return unicodedata.bidirectional(char) in ("R", "AL")
