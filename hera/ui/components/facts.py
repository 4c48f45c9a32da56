"""Facts with their names, and numbers as people say them."""

from __future__ import annotations

import html
from collections.abc import Sequence

from hera.ui.components.copying import ICON
from hera.ui.words import WORDS

Fact = tuple[str, str | None]
"""Its name, and what it is, as HTML; None of one that is not known, which is left out."""


def facts_html(facts: Sequence[Fact]) -> str:
    """A list of names with what each is."""
    known = [(name, told) for name, told in facts if told is not None]
    rows = "".join(
        f"<div><dt>{html.escape(name)}</dt><dd>{told}</dd></div>" for name, told in known
    )
    return f'<dl class="facts">{rows}</dl>'


def text(said: str | None) -> str | None:
    """A text by strangers as a fact."""
    return None if said is None else f'<span dir="auto">{html.escape(said)}</span>'


def copied(said: str, shown: str) -> str:
    """A text of which so much is shown, and all is copied."""
    return f"<code title='{html.escape(said)}'>{html.escape(shown)}</code>{copy_button(said)}"


def copy_button(said: str) -> str:
    """A button that copies a text."""
    label = html.escape(WORDS.model.copy_text)
    return (
        f'<button type="button" class="copies" data-copy="{html.escape(said)}" '
        f'title="{label}" aria-label="{label}">{ICON}</button>'
    )


def many(n: int) -> str:
    """How many parameters."""
    words = WORDS.model
    if n >= 1e9:
        return words.billion.format(n=n / 1e9)
    return words.million.format(n=n / 1e6) if n >= 1e6 else f"{n:,}"


def share(value: float) -> str:
    """A share, or a score of another scale."""
    return f"{value:.3f}" if abs(value) <= 1 else f"{value:.1f}"


def interval(ends: tuple[float, float]) -> str:
    """The two ends of one."""
    return WORDS.model.interval.format(low=share(ends[0]), high=share(ends[1]))


def size(n: int) -> str:
    """Bytes."""
    words = WORDS.model
    if n >= 1e9:
        return words.gigabytes.format(n=n / 1e9)
    return words.megabytes.format(n=n / 1e6)


def lasted(seconds: float) -> str:
    """A time."""
    words, minutes = WORDS.model, int(seconds) // 60
    if minutes >= 60:
        return words.hours.format(hours=minutes // 60, minutes=minutes % 60)
    return words.minutes.format(minutes=minutes, seconds=round(seconds) % 60)
