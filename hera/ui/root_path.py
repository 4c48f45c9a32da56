"""The page below a path of its own: what it asks for lies beside it, not at the host's root.

Gradio's page names its manifest, and leaves its icon to be looked for, at the root of the host;
behind a reverse proxy that is somebody else's, and every visitor's console shows an error.
"""

from __future__ import annotations

from starlette.types import ASGIApp, Message, Receive, Scope, Send

_AT_THE_ROOT = b'<link rel="manifest" href="/manifest.json" />'
_BESIDE = b'<link rel="manifest" href="./manifest.json" /><link rel="icon" href="./favicon.ico" />'


class BesideThePage:
    """ASGI middleware that changes the page, and passes everything else on as it comes."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

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
            body = page.replace(_AT_THE_ROOT, _BESIDE)
            others = [(k, v) for k, v in start["headers"] if k != b"content-length"]
            length = (b"content-length", str(len(body)).encode())
            await send({**start, "headers": [*others, length]})
            await send({"type": "http.response.body", "body": body})

        await self._app(scope, receive, hold)
