"""The page below a path of its own: what it asks for lies beside it, not at the host's root.

Gradio's page names its manifest, and leaves its icon to be looked for, at the root of the host;
behind a reverse proxy that is somebody else's, and every visitor's console shows an error.
"""

from __future__ import annotations

from starlette.types import Scope

_AT_THE_ROOT = b'<link rel="manifest" href="/manifest.json" />'
_BESIDE = b'<link rel="manifest" href="./manifest.json" /><link rel="icon" href="./favicon.ico" />'


def beside_the_page(page: bytes, _: Scope) -> bytes:
    """The page as it is there."""
    return page.replace(_AT_THE_ROOT, _BESIDE)
