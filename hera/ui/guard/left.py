"""Who still waits for an answer: what nobody listens to any more is not worked on.

Gradio notices where a stream is closed. It does not notice a caller who asks and never opens one:
the work would go on to its end, and what it said be kept for good.
"""

from __future__ import annotations

import re
import time
from urllib.parse import parse_qs

from starlette.types import ASGIApp, Receive, Scope, Send

PATIENCE = 20.0
"""Seconds that an answer is worked on before somebody listens, or after the last one left."""
_KEPT = 3600.0  # seconds that is remembered when somebody listened last

_STREAM = re.compile(r"/gradio_api/(?:heartbeat|call(?:/v2)?/[^/]+)/([^/]+)/?$")
_QUEUE = re.compile(r"/gradio_api/queue/data/?$")


class Listening:
    """Sessions and events, by their names, and who listens to each."""

    def __init__(self) -> None:
        self._open: dict[str, int] = {}
        self._last: dict[str, float] = {}
        self._gone: dict[str, float] = {}
        self._next = 0.0

    def opens(self, name: str) -> None:
        """Somebody listens."""
        self._open[name] = self._open.get(name, 0) + 1
        self._gone.pop(name, None)

    def closes(self, name: str) -> None:
        """One of them has gone."""
        self._last[name] = time.monotonic()
        left = self._open[name] - 1
        if left:
            self._open[name] = left
        else:
            del self._open[name]
            self._gone[name] = time.monotonic()

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

    def is_open(self, name: str) -> bool:
        """Whether somebody listens now."""
        return name in self._open

    def has_gone(self, session: str) -> bool:
        """Whether somebody listened, and nobody does any more: at once, where `has_left` waits for
        whoever may come."""
        return session in self._gone

    def _forget(self, now: float) -> None:
        if now >= self._next:
            self._next = now + _KEPT
            for kept in (self._last, self._gone):
                for name in [name for name, at in kept.items() if now - at >= _KEPT]:
                    del kept[name]


LISTENING = Listening()
"""To this process."""


class Listens:
    """ASGI middleware that tells `LISTENING` of every stream."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        names = _names(scope)
        for name in names:
            LISTENING.opens(name)
        try:
            await self._app(scope, receive, send)
        finally:
            for name in names:
                LISTENING.closes(name)


def _names(scope: Scope) -> set[str]:
    """The session or event whose stream is asked for, and the session of an event; none of any
    other request."""
    if not (name := _streamed(scope)):
        return set()
    event = scope["app"].get_blocks()._queue.event_ids_to_events.get(name)
    return {name} if event is None else {name, event.session_hash}


def _streamed(scope: Scope) -> str:
    if scope["type"] != "http" or scope["method"] != "GET":
        return ""
    if found := _STREAM.search(scope["path"]):
        return str(found[1])
    if _QUEUE.search(scope["path"]):
        query: bytes = scope["query_string"]
        return parse_qs(query.decode("latin-1")).get("session_hash", [""])[0]
    return ""
