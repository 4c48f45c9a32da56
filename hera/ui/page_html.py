"""Gradio's page, changed on its way to the browser."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from starlette.types import ASGIApp, Message, Receive, Scope, Send

Change = Callable[[bytes, Scope], bytes]
"""(the page, the request that it answers) -> the page."""


class ChangedPage:
    """ASGI middleware that makes changes to the page, one after the other, and passes everything
    else on as it comes."""

    def __init__(self, app: ASGIApp, changes: Sequence[Change]) -> None:
        self._app = app
        self._changes = changes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http" or scope["path"] != "/":
            await self._app(scope, receive, send)
            return
        start: Message = {}
        page = b""

        async def hold(message: Message) -> None:
            nonlocal start, page
            if message["type"] == "http.response.start":
                start = message
                return
            page += message.get("body", b"")
            if message.get("more_body"):
                return
            body = page
            for change in self._changes:
                body = change(body, scope)
            others = [(k, v) for k, v in start["headers"] if k != b"content-length"]
            length = (b"content-length", str(len(body)).encode())
            await send({**start, "headers": [*others, length]})
            await send({"type": "http.response.body", "body": body})

        await self._app(scope, receive, hold)
