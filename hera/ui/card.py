"""The social card: what a link to the app looks like where it is shared, 1200 by 630 pixels.

    python -m hera.ui.card --output assets/card.png
    python -m hera.ui.card --config mine.toml --output card.png

The app draws and serves its own at /card.png; the file is for whatever shows a link without asking
the app, as the Hub does for a Space.
"""

from __future__ import annotations

import argparse
import io
import sys
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path

from PIL import Image, ImageDraw
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from hera.cli import run
from hera.config import from_flags
from hera.errors import ConfigError
from hera.ui.components.colours import colour, use_colours
from hera.ui.documents.lettering import Sheet, Text, fonts
from hera.ui.own import description, title
from hera.ui.serving import Serving
from hera.ui.words import WORDS

PATH = "/card.png"
SIZE = (1200, 630)
_PAD, _GAP, _MOST = 72, 24, 4
_GROUND, _PAPER, _BAR, _WHITE, _SOFT = "#0f3d3a", "#ffffff", "#dbe3e8", "#ffffff", "#cfe5e2"
_BARS = (0.92, 0.78, 0.86, 0.55)  # of a column's width, as lines of an answer are


def card(serving: Serving) -> bytes:
    """The picture, as a PNG: the demo's name, its line, and a column a variant in its colour."""
    own = serving.own
    return _drawn(title(own), description(own), serving.promised)


def card_route(serving: Serving) -> Route:
    """`GET /card.png`; it is drawn when it is first asked for."""

    def answer(_: Request) -> Response:
        return Response(card(serving), media_type="image/png")

    return Route(PATH, answer)


@lru_cache(maxsize=1)
def _drawn(name: str, about: str, variants: tuple[str, ...]) -> bytes:
    image = Image.new("RGB", SIZE, _GROUND)
    device = WORDS.page.no_device.strip("*")
    sheet = Sheet(*fonts("".join([name, about, device, *variants])))
    width = SIZE[0] - 2 * _PAD
    heading = sheet.wrapped([Text(name, 40, _WHITE, bold=True, after=4)], width)[:1]
    lines = sheet.wrapped([Text(about, 17, _SOFT, after=0)], width)[:3]
    sheet.draw(image, [*heading, *lines], (_PAD, 52), width)
    shown = variants[:_MOST]
    wide = (width - _GAP * (len(shown) - 1)) // len(shown)
    for place, variant in enumerate(shown):
        left = _PAD + place * (wide + _GAP)
        _column(image, sheet, (left, 350, left + wide, 556), variant, variants)
    sheet.draw(image, sheet.wrapped([Text(device, 11, _SOFT)], width), (_PAD, 578), width)
    sink = io.BytesIO()
    image.save(sink, "PNG", optimize=True)
    return sink.getvalue()


def _column(
    image: Image.Image,
    sheet: Sheet,
    box: tuple[int, int, int, int],
    variant: str,
    served: Sequence[str],
) -> None:
    """A column under its variant's colour, with bars in the place of an answer."""
    pen, (left, top, right, _) = ImageDraw.Draw(image), box
    tone, inside = colour(variant, served), right - left - 2 * _GAP
    pen.rounded_rectangle(box, 10, _PAPER)
    pen.rounded_rectangle((left, top, right, top + 14), 7, tone)
    name = sheet.wrapped([Text(variant, 13, tone, bold=True, after=0)], inside)[:1]
    sheet.draw(image, name, (left + _GAP, top + 26), inside)
    for place, share in enumerate(_BARS):
        y = top + 78 + place * 30
        pen.rounded_rectangle((left + _GAP, y, left + _GAP + inside * share, y + 14), 7, _BAR)


def main(argv: Sequence[str] | None = None) -> None:
    """The command; see --help."""
    parser = argparse.ArgumentParser(prog="python -m hera.ui.card", description="Draw the card.")
    parser.add_argument("--config", metavar="FILE", help="the hera.toml of a demo of your own")
    parser.add_argument("--output", metavar="FILE", type=Path, required=True)
    args = parser.parse_args(argv)
    config = from_flags(["--config", args.config] if args.config else [])
    use_colours(config.own.colours)
    try:
        args.output.write_bytes(card(Serving(config)))
    except OSError as error:
        raise ConfigError(
            f"--output {args.output}: cannot be written ({error.strerror})."
        ) from error


if __name__ == "__main__":
    sys.exit(run(main))
