"""What a link to the app says where it is shared: its name, its line and its card.

Gradio's page says "Gradio" there, and names a picture on GitHub.
"""

from __future__ import annotations

import html
import json
import re
from collections.abc import Iterator

from starlette.types import Scope

from hera.config.file import Own
from hera.ui.card import PATH, SIZE
from hera.ui.own import description, title
from hera.ui.page_html import Change

_GRADIOS = re.compile(rb'\s*<meta\s+(?:property="og:|name="twitter:)[^>]*>')
_ROOT = re.compile(rb'"root":\s*("(?:[^"\\]|\\.)*")')
_HEAD = b"</head>"


def social_tags(own: Own) -> Change:
    """What puts the tags of this demo in the place of Gradio's."""

    def change(page: bytes, _: Scope) -> bytes:
        bare = _GRADIOS.sub(b"", page)
        found = _ROOT.search(bare)  # the address by which this visitor came, proxies counted in
        root = str(json.loads(found[1])).rstrip("/") if found else ""
        tags = "\n".join(_tags(own, root))
        return bare.replace(_HEAD, tags.encode() + _HEAD, 1)

    return change


def _tags(own: Own, root: str) -> Iterator[str]:
    name, about, picture = title(own), description(own), f"{root}{PATH}"
    yield _tag("name", "description", about)
    for key, value in {
        "type": "website",
        "url": f"{root}/",
        "site_name": name,
        "title": name,
        "description": about,
        "image": picture,
        "image:width": str(SIZE[0]),
        "image:height": str(SIZE[1]),
        "image:alt": f"{name}: {about}",
    }.items():
        yield _tag("property", f"og:{key}", value)
    for key, value in {
        "card": "summary_large_image",
        "title": name,
        "description": about,
        "image": picture,
    }.items():
        yield _tag("name", f"twitter:{key}", value)


def _tag(kind: str, key: str, value: str) -> str:
    return f'<meta {kind}="{key}" content="{html.escape(value)}" />'
