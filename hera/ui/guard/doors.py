"""Which routes there are, and how much a request may bring.

Gradio has many more than this app: its deep links keep a conversation on the server for whoever has
the link, and others fetch addresses, run code of an editor, or show what visitors did.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from starlette.datastructures import Headers
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from hera.ui.guard.failures import log_failure
from hera.ui.upload import MOST_BYTES, MOST_SENT
from hera.ui.words import WORDS

_PAGE = re.compile(
    r"/(?:config|theme\.css|favicon\.ico|manifest\.json|robots\.txt|login|logout"
    r"|pwa_icon(?:/\d+)?|(?:assets|static|svelte)/[^?]+)?/?"
)
_API = re.compile(
    r"/gradio_api/(?:info|openapi\.json|user|login_check|token|app_id|startup-events|theme\.css"
    r"|queue/(?:join|data|status)|cancel|reset|heartbeat/[^/]+|upload|upload_progress"
    r"|file=.+|mcp(?:/.*)?|(?:run|api|call|call/v2)/[^/]+|call(?:/v2)?/[^/]+/[^/]+)/?"
)
_NAMED = re.compile(r"/gradio_api/(run|api|call|call/v2)/([^/]+)(?:/[^/]+)?/?")


class Doors:
    """ASGI middleware that lets through what the page, callers and assistants need, `more` paths
    among it, and of a request no more than a file of the largest size. Where Gradio itself fails
    the caller gets one line, and the log no text of theirs."""

    def __init__(self, app: ASGIApp, more: Sequence[str]) -> None:
        self._app, self._more = app, frozenset(more)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        if refused := self._refused(scope):
            await refused(scope, receive, send)
            return
        begun = False

        async def noted(message: Message) -> None:
            nonlocal begun
            begun = True
            await send(message)

        try:
            await self._app(scope, _at_most(receive), noted)
        except Exception as error:  # whatever Gradio raises, the app stays up and says so
            log_failure(_route(scope["path"]), error)
            if begun:  # nothing can be said any more; the log would have the whole request
                await send({"type": "http.response.body", "body": b""})
            else:
                await _line(WORDS.errors.unexpected, 400)(scope, receive, send)

    def _refused(self, scope: Scope) -> JSONResponse | None:
        path = scope["path"]
        if path not in self._more and not (_PAGE.fullmatch(path) or _API.fullmatch(path)):
            return _line(WORDS.errors.no_route, 404)
        named = _NAMED.fullmatch(path)
        if named and (named[1], named[2]) != ("run", "predict") and named[2] not in _public(scope):
            return _line(WORDS.errors.no_endpoint, 404)
        length = Headers(scope=scope).get("content-length", "0")
        if not length.isdecimal() or int(length) > MOST_SENT:
            return _line(WORDS.errors.too_large.format(mb=MOST_BYTES // 2**20), 413)
        return None


def _public(scope: Scope) -> set[Any]:
    fns = scope["app"].get_blocks().fns.values()
    return {fn.api_name for fn in fns if fn.api_visibility == "public"}


def _at_most(receive: Receive) -> Receive:
    """What a request brings, until it is too much."""
    left = MOST_SENT

    async def some() -> Message:
        nonlocal left
        message = await receive()
        left -= len(message.get("body", b""))
        if left < 0:
            raise ValueError("the request is too large")
        return message

    return some


def _line(said: str, status: int) -> JSONResponse:
    return JSONResponse({"detail": said}, status)


def _route(path: str) -> str:
    """A path without what a caller put into it."""
    return "/".join(path.split("/")[:4]).partition("=")[0][:60]
