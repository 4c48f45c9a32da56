"""What `hera.safety` has to say to a visitor, as HTML that screen readers speak."""

from __future__ import annotations

import html
import re

from hera.safety import Assessment


def notice_html(found: Assessment) -> str:
    """The notice, an alert in an emergency or a crisis, a status otherwise; "" if none is due."""
    if not found.notice:
        return ""
    role = "status" if found.level == "none" else "alert"
    paragraphs = "".join(f"<p>{_bold(text)}</p>" for text in found.notice.split("\n\n"))
    return f'<div class="notice {found.level}" role="{role}">{paragraphs}</div>'


def _bold(text: str) -> str:
    return re.sub(r"\*\*(.+?)\*\*", r"<strong>\1</strong>", html.escape(text))
