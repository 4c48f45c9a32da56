"""A name and a password for everything but what watches over the app: HTTP's own (RFC 7617), which
browsers, programs and assistants know."""

from __future__ import annotations

import asyncio
import base64
import binascii
import hashlib
import hmac
import time
from collections import deque

from starlette.datastructures import Headers
from starlette.responses import JSONResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from hera.ui.leaving import ALIVE
from hera.ui.words import WORDS

OPEN = ("/health", ALIVE, "/gradio_api/startup-events")
"""What has no visitor's text: the last is how Gradio learns that it is up."""

_SLOWLY = 1.0
"""Seconds until a wrong one is answered."""
_GUESSES = 10
"""From one address in a minute; whoever has made so many is not looked at for the rest of it."""
_MINUTE = 60.0
_CHALLENGE = {"WWW-Authenticate": 'Basic realm="HERA", charset="UTF-8"'}


class Guesses:
    """Who was wrong of late."""

    def __init__(self) -> None:
        self._wrong: deque[tuple[float, str]] = deque(maxlen=100_000)

    def note(self, address: str) -> None:
        """A wrong one came from there."""
        self._wrong.append((time.monotonic(), address))

    def are_many(self, address: str) -> bool:
        """Whether too many did."""
        now = time.monotonic()
        while self._wrong and now - self._wrong[0][0] > _MINUTE:
            self._wrong.popleft()
        return sum(one == address for _, one in self._wrong) >= _GUESSES


class WantsPassword:
    """ASGI middleware that lets in who gives `auth`, NAME:PASSWORD. The time that a comparison
    takes tells nothing."""

    def __init__(self, app: ASGIApp, auth: str) -> None:
        self._app, self._right = app, _digest(auth.encode())
        self._guesses = Guesses()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        is_open = scope["type"] == "http" and scope["path"].rstrip("/") in OPEN
        if scope["type"] not in ("http", "websocket") or is_open:
            await self._app(scope, receive, send)
            return
        refused = await self._refused(scope)
        await (refused or self._app)(scope, receive, send)

    async def _refused(self, scope: Scope) -> Response | None:
        """What is answered in place of what was asked for; None where that may be had."""
        address = scope["client"][0] if scope.get("client") else ""
        if self._guesses.are_many(address):
            wait = {"Retry-After": f"{_MINUTE:.0f}"}
            return JSONResponse({"error": WORDS.errors.guesses}, 429, headers=wait)
        given = _given(Headers(scope=scope).get("authorization", ""))
        if given is not None and hmac.compare_digest(_digest(given), self._right):
            return None
        if given is not None:
            self._guesses.note(address)
            await asyncio.sleep(_SLOWLY)
        return JSONResponse({"error": WORDS.errors.password}, 401, headers=_CHALLENGE)


def _given(header: str) -> bytes | None:
    """NAME:PASSWORD of a header; None where there is none."""
    kind, _, coded = header.partition(" ")
    if kind.lower() != "basic":
        return None
    try:
        return base64.b64decode(coded.strip(), validate=True)
    except (binascii.Error, ValueError):
        return b""


def _digest(text: bytes) -> bytes:
    return hashlib.sha256(text).digest()
