"""A kept comparison as a PNG: the question, and every answer under its variant's colour.

What no font on this machine has, the picture says how many characters that are.
"""

from __future__ import annotations

import io
from collections.abc import Iterator

from PIL import Image, ImageDraw, features

from hera.explain.comparison import Column
from hera.explain.kept import Kept
from hera.ui.components.colours import colour, is_derived
from hera.ui.documents.lettering import SCALE, Sheet, Text, fonts, from_right, missing
from hera.ui.documents.parts import before, left_base, made, notices, numbers, settings
from hera.ui.words import WORDS

_COLUMN, _GAP, _PAD = 400 * SCALE, 16 * SCALE, 16 * SCALE
_IN_A_ROW = 4
_LONGEST = 4_000  # characters of an answer: a picture of more is none
_SOFT, _SHEET, _PAPER, _LINE = "#4b5966", "#f4f6f8", "#ffffff", "#cfd6dd"


def picture(kept: Kept) -> bytes:
    """The file."""
    everything = "".join([*_words_of(kept), *kept.variants])
    regular, bold = fonts(everything)
    sheet = Sheet(regular, bold)
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


def _heading(kept: Kept, limits: list[str]) -> list[Text]:
    return [
        *(Text(text, 13, "#92400e") for text in [*notices(kept), *limits]),
        *(Text(line, 17, bold=True, after=6) for line in kept.message.splitlines()),
        Text(f"{made(kept)} · {settings(kept)}", 13, _SOFT, after=16),
    ]


def _column(kept: Kept, column: Column) -> list[Text]:
    said = column.text[:_LONGEST] + ("…" if len(column.text) > _LONGEST else "")
    left = left_base(kept, column)
    turns = before(kept, column)
    words = WORDS.kept.before.format(n=len(turns), variant=column.variant)
    return [
        Text(column.variant, 16, bold=True),
        *([Text(words, 13, _SOFT)] if turns else []),
        *(Text(line) for line in said.splitlines()),
        *([Text(left, 13, _SOFT)] if left else []),
        Text(numbers(column), 13, _SOFT, after=0),
    ]


def _limits(text: str, font: str) -> list[str]:
    """What the picture cannot show of a text."""
    words, found = WORDS.kept, []
    lacking = missing(text, font)
    if lacking:
        found.append(words.no_glyph.format(n=len(lacking), example=f"U+{ord(min(lacking)):04X}"))
    if not features.check("fribidi") and any(from_right(char) for char in text):
        found.append(words.no_shaping)
    return found


def _card(
    image: Image.Image, box: tuple[int, int, int, int], variant: str, served: tuple[str, ...]
) -> None:
    """A column's ground, its variant's colour on top, dashed where it is made of others."""
    pen, (left, top, right, _) = ImageDraw.Draw(image), box
    pen.rectangle(box, _PAPER, _LINE, SCALE)
    dash = 12 * SCALE if is_derived(variant) else right - left
    for x in range(left, right, 2 * dash):
        pen.rectangle((x, top, min(x + dash, right), top + 4 * SCALE), colour(variant, served))
