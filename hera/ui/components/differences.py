"""Two answers, word by word."""

from __future__ import annotations

import html
import re
from difflib import SequenceMatcher

_WORDS = re.compile(r"\s+|[^\s\w]|\w+")


def differences_html(one: str, other: str) -> str:
    """What is only in the first as <del>, what is only in the second as <ins>; "" for the same."""
    if one == other:
        return ""
    a, b = _WORDS.findall(one), _WORDS.findall(other)
    parts = []
    for _, a_from, a_to, b_from, b_to in SequenceMatcher(None, a, b, autojunk=False).get_opcodes():
        gone, come = "".join(a[a_from:a_to]), "".join(b[b_from:b_to])
        if gone == come:
            parts.append(html.escape(gone))
            continue
        parts += [f"<del>{html.escape(gone)}</del>"] if gone else []
        parts += [f"<ins>{html.escape(come)}</ins>"] if come else []
    return f'<p class="words" dir="auto">{"".join(parts)}</p>'
