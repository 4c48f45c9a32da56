"""Where visitors have to say who they are, a page of somebody else's cannot ask in their name.

Their browser sends the cookie or the password along, whoever's page asks, and Gradio lets any page
read the answer (its CORS headers name every origin).
"""

from __future__ import annotations

from collections.abc import Collection
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from hera.ui.words import WORDS


class OwnPageAlone:
    """ASGI middleware that refuses what the page of another site asks for; a link there leads here,
    and programs, which are no pages, are answered. `own`: the names under which its own page is
    known, besides those that a request names."""

    def __init__(self, app: ASGIApp, own: Collection[str]) -> None:
        self._app, self._own = app, own

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] in ("http", "websocket") and _is_from_elsewhere(scope, self._own):
            await JSONResponse({"error": WORDS.errors.elsewhere}, 403)(scope, receive, send)
            return
        await self._app(scope, receive, send)


def _is_from_elsewhere(scope: Scope, own: Collection[str]) -> bool:
    """By the browser's own word (Fetch Metadata, w3.org/TR/fetch-metadata), or where it gives none,
    as over plain HTTP, by the origin that it names."""
    headers = Headers(scope=scope)
    site = headers.get("sec-fetch-site")
    if site is not None:
        follows_a_link = (
            scope.get("method") == "GET" and headers.get("sec-fetch-mode") == "navigate"
        )
        return site not in ("same-origin", "none") and not follows_a_link
    origin = headers.get("origin")
    names = (headers.get("host"), headers.get("x-forwarded-host"), *own)
    return origin is not None and urlsplit(origin).netloc not in names
