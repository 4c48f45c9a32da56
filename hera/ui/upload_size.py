"""No upload that is too large reaches the disk.

Gradio stops at its limit, and leaves in its folder what had arrived by then.
"""

from __future__ import annotations

from starlette.datastructures import Headers
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from hera.ui.upload import MOST_BYTES, MOST_SENT
from hera.ui.words import WORDS


class SmallUploads:
    """ASGI middleware that refuses an upload by the size that it says it has; one that says none
    is refused as well."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        app = self._app
        if scope["type"] == "http" and scope["method"] == "POST" and _is_upload(scope["path"]):
            length = Headers(scope=scope).get("content-length", "")
            if not length.isdecimal() or int(length) > MOST_SENT:
                said = WORDS.errors.too_large.format(mb=MOST_BYTES // 2**20)
                app = PlainTextResponse(said, 413)
        await app(scope, receive, send)


def _is_upload(path: str) -> bool:
    return path.rstrip("/").endswith("/upload")
