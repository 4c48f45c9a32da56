"""What every HTML document has: it opens anywhere, runs no script and fetches nothing."""

from __future__ import annotations

import html
from pathlib import Path

STYLE = Path(__file__).with_name("page.css").read_text(encoding="utf-8")
"""Paper, ink and lines, in light and dark."""
POLICY = "default-src 'none'; style-src 'unsafe-inline'"
PICTURES = f"{POLICY}; img-src data:"
"""The policy of a document with pictures inside."""


def document(title: str, body: str, *, css: str, lang: str = "en", policy: str = POLICY) -> str:
    """The file.

    Args:
        title: as text; it is escaped here.
        body: as HTML.
        css: all of its style.
        lang: the language of its words.
        policy: what it may do.
    """
    return (
        f'<!DOCTYPE html>\n<html lang="{lang}"><head><meta charset="utf-8">'
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        '<meta name="referrer" content="no-referrer">'
        f"<title>{html.escape(title)}</title><style>\n{css}</style></head>\n<body><main>"
        f"{body}</main></body></html>\n"
    )
