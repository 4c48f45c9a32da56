"""What every document says of a comparison."""

from __future__ import annotations

import re

from hera.explain.comparison import Column, Turn
from hera.explain.kept import Kept
from hera.explain.tokens import parting
from hera.safety.answers import caution_texts, cautions
from hera.types import BASE
from hera.ui.caring import cared
from hera.ui.components.columns import numbers_text, parting_text
from hera.ui.language import language
from hera.ui.words import WORDS


def made(kept: Kept) -> str:
    """The model, what it was computed in, and the version."""
    return WORDS.kept.made.format(
        model=kept.model, computed=kept.computed or "?", version=kept.hera
    )


def settings(kept: Kept) -> str:
    """How it was decoded."""
    return WORDS.kept.settings.format(
        temperature=kept.temperature,
        top_p=kept.top_p,
        seed=kept.seed,
        tokens=kept.max_new_tokens,
    )


def notices(kept: Kept) -> list[str]:
    """What the app shows beside such a question and under such answers, a paragraph each; then what
    it always shows."""
    asked = kept.columns[0].asked
    notice = cared(asked, "").notice  # whoever opens it may be anywhere
    paragraphs = [*(notice.split("\n\n") if notice else []), *_cautions(kept)]
    paragraphs.append(WORDS.page.disclaimer)
    return [re.sub(r"\*\*(.+?)\*\*", r"\1", paragraph) for paragraph in paragraphs]


def _cautions(kept: Kept) -> list[str]:
    """Under whose answers which cautions stand."""
    return [
        f"{column.variant}: {text}"
        for column in kept.columns
        for text in caution_texts(cautions(column.text), language())
    ]


def before(kept: Kept, column: Column) -> tuple[Turn, ...]:
    """What a column was asked besides the question over all of them."""
    shared = column.turns[-1].content == kept.message
    return column.turns[:-1] if shared else column.turns


def left_base(kept: Kept, column: Column) -> str:
    """Where a column leaves the base's; "" where it does not, or that is not known."""
    base = kept.column(BASE)
    left = parting(column, base) if base is not None and column.variant != BASE else None
    return parting_text(left) if left else ""


def numbers(column: Column) -> str:
    """How long, how fast, and how it ended; why, where it broke off."""
    return " ".join(filter(None, [numbers_text(column), column.failed]))
