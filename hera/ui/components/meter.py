"""How much of the model's window a conversation takes."""

from __future__ import annotations

import html

from hera.ui.words import WORDS


def meter_html(used: int, window: int) -> str:
    """A bar, and the numbers; nothing where the window is not known."""
    if not window:
        return ""
    words = WORDS.chat
    text = html.escape(words.window.format(used=used, window=window))
    return (
        f'<div class="meter"><div role="meter" aria-label="{html.escape(words.window_label)}" '
        f'aria-valuemin="0" aria-valuemax="{window}" aria-valuenow="{used}" '
        f'aria-valuetext="{text}" title="{html.escape(words.window_label)}">'
        f'<span style="width: {used / window:.1%}"></span></div><small>{text}</small></div>'
    )
