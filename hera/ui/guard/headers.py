"""What the browser may do with what the app sends it.

Gradio's page needs inline scripts and styles, and its own templates are compiled in the browser; so
scripts cannot be told apart by where they stand. What the policy holds is that nothing is fetched
from, sent to or run from anywhere else, and who may show the page in a frame.
"""

from __future__ import annotations

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

FRAMED_BY = "'self' https://huggingface.co https://*.hf.space"
"""A Space is shown in a frame of the Hub's."""

_POLICY = "; ".join(
    (
        "default-src 'self'",
        "script-src 'self' 'unsafe-inline' 'unsafe-eval'",
        "style-src 'self' 'unsafe-inline'",
        "img-src 'self' data: blob:",
        "media-src 'self' data: blob:",
        "font-src 'self' data:",
        "connect-src 'self' data: blob:",
        "worker-src 'self' blob:",
        "frame-src 'none'",
        "object-src 'none'",
        "base-uri 'self'",
        "form-action 'self'",
        f"frame-ancestors {FRAMED_BY}",
    )
)
_FILE_POLICY = "default-src 'none'; sandbox"

_ALWAYS = {
    "Content-Security-Policy": _POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",  # the address may hold a question
    "Permissions-Policy": "camera=(), microphone=(), geolocation=(), payment=(), usb=()",
}


class SafeHeaders:
    """ASGI middleware that sets them, unless a route has its own. Files are saved, never shown."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        is_file = "/file=" in scope["path"]

        async def with_them(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in _ALWAYS.items():
                    headers.setdefault(name, value)
                if is_file:
                    headers["Content-Security-Policy"] = _FILE_POLICY
                    headers["Content-Disposition"] = "attachment"
            await send(message)

        await self._app(scope, receive, with_them)
