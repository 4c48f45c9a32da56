"""Each variant's confusion matrix as a table: down what is right, across what it answered."""

from __future__ import annotations

import html
from collections.abc import Mapping

from hera.data.pubmedqa import LABELS
from hera.evaluation.results import PubmedqaVariant
from hera.ui.components.colours import colour
from hera.ui.words import WORDS

_DEEPEST = 0.55  # of teal: letters on it keep a contrast of 4.5, in light and in dark


def confusion_html(variants: Mapping[str, PubmedqaVariant], source: str) -> str:
    """A table each, under what was asked."""
    asked = html.escape(WORDS.figure.source.format(source=source))
    tables = "".join(
        _table(name, variant, colour(name, list(variants))) for name, variant in variants.items()
    )
    about = html.escape(WORDS.pictures.confusion_about)
    return f'<p>{asked}</p><div class="matrices">{tables}</div><p>{about}</p>'


def _table(name: str, variant: PubmedqaVariant, tone: str) -> str:
    words, (low, high) = WORDS.figure, variant.accuracy_ci95
    heading = words.heading.format(variant=name, accuracy=variant.accuracy, low=low, high=high)
    highest = max(max(row.values()) for row in variant.confusion.values()) or 1
    head = "".join(f'<th scope="col">{label}</th>' for label in LABELS)
    rows = "".join(
        f'<tr><th scope="row">{gold}</th>'
        + "".join(_cell(variant.confusion[gold][label], highest) for label in LABELS)
        + "</tr>"
        for gold in LABELS
    )
    return (
        f'<table class="confusion" style="--variant: {tone}"><caption>'
        f"{html.escape(heading).replace(chr(10), '<br>')}</caption><thead><tr>"
        f"<td>{html.escape(words.gold)} ↓ {html.escape(words.predicted)} →</td>{head}</tr></thead>"
        f"<tbody>{rows}</tbody></table>"
    )


def _cell(count: int, highest: int) -> str:
    shade = f"background: rgba(13, 148, 136, {_DEEPEST * count / highest:.2f})"
    return f'<td style="{shade}">{count}</td>'
