"""Who still waits for an answer: what nobody listens to any more is not worked on.

Gradio notices where a stream is closed. It does not notice a caller who asks and never opens one:
the work would go on to its end, and what it said be kept for good.
"""

from __future__ import annotations

import math
import re
import time
from urllib.parse import parse_qs

from starlette.types import ASGIApp, Receive, Scope, Send

PATIENCE = 20.0
"""Seconds that an answer is worked on before somebody listens, or after the last one left."""

KEPT = 3600.0
"""Seconds that is remembered when somebody listened last."""

_STREAM = re.compile(r"/gradio_api/(?:heartbeat|call(?:/v2)?/[^/]+)/([^/]+)/?$")
_QUEUE = re.compile(r"/gradio_api/queue/data/?$")


class Listening:
    """Sessions and events, by their names, and who listens to each."""

    def __init__(self) -> None:
        self._open: dict[str, int] = {}
        self._last: dict[str, float] = {}
        self._next = 0.0

    def opens(self, name: str) -> None:
        """Somebody listens."""
        self._open[name] = self._open.get(name, 0) + 1

    def closes(self, name: str) -> None:
        """One of them has gone."""
        self._last[name] = time.monotonic()
        left = self._open[name] - 1
        if left:
            self._open[name] = left
        else:
            del self._open[name]

    def silence(self, name: str) -> float:
        """Seconds since somebody listened to it: 0 where somebody does, and without end where that
        is longer ago than anything is remembered."""
        return 0.0 if name in self._open else time.monotonic() - self._last.get(name, -math.inf)

    def has_left(self, session: str | None, event: str) -> bool:
        """Whether nobody has listened to either for so long; asked for as long as it is worked
        on."""
        now = time.monotonic()
        self._forget(now)
        self._last.setdefault(event, now)
        names = [name for name in (session, event) if name]
        if any(name in self._open for name in names):
            return False
        return now - max(self._last.get(name, 0.0) for name in names) > PATIENCE

    def _forget(self, now: float) -> None:
        if now >= self._next:
            self._next = now + KEPT
            self._last = {name: at for name, at in self._last.items() if now - at < KEPT}


class Listens:
    """ASGI middleware that tells the `Listening` of a `Guarded` of every stream."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        name = _streamed(scope)
        if not name:
            await self._app(scope, receive, send)
            return
        listening = scope["app"].get_blocks().listening
        listening.opens(name)
        try:
            await self._app(scope, receive, send)
        finally:
            listening.closes(name)


def _streamed(scope: Scope) -> str:
    """The session or event whose stream is asked for; "" of any other request."""
    if scope["type"] != "http" or scope["method"] != "GET":
        return ""
    if found := _STREAM.search(scope["path"]):
        return str(found[1])
    if _QUEUE.search(scope["path"]):
        query: bytes = scope["query_string"]
        return parse_qs(query.decode("latin-1")).get("session_hash", [""])[0]
    return ""
