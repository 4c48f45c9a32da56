"""What goes wrong when a test wants it to: refusals, a busy Hub, a line that is cut."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from uvicorn.protocols.http.h11_impl import H11Protocol

DROPPED = 0  # stands for the status of a request that got no answer


@dataclass
class Failure:
    method: str
    path: str
    status: int
    times: int
    headers: Mapping[str, str]


@dataclass
class Cut:
    path: str
    at: float
    times: int


@dataclass
class Trouble:
    """Stands before the application: makes it fail as told, and keeps a list of what came."""

    app: ASGIApp
    requests: list[tuple[str, str, int]] = field(default_factory=list)
    failures: list[Failure] = field(default_factory=list)
    cuts: list[Cut] = field(default_factory=list)
    lines: dict[Any, asyncio.Transport] = field(default_factory=dict)  # by the client's address

    def protocol(self, *args: Any, **kwargs: Any) -> H11Protocol:
        """uvicorn's protocol for one connection, whose TCP line can be cut."""
        lines = self.lines

        class Line(H11Protocol):
            def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
                super().connection_made(transport)
                lines[tuple(self.client or ())] = transport

            def connection_lost(self, exc: Exception | None) -> None:
                lines.pop(tuple(self.client or ()), None)
                super().connection_lost(exc)

        return Line(*args, **kwargs)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        path = scope["raw_path"].decode().split("?")[0]
        # A revision may hold %2F: routes match the path as it was sent, handlers unquote the parts.
        scope = {**scope, "path": path}
        method: str = scope["method"]
        if cut := _next(self.cuts, lambda c: re.search(c.path, path)):
            self.requests.append((method, path, DROPPED))
            await self._drop(scope, receive, cut.at)
            return

        async def noted(message: Message) -> None:
            if message["type"] == "http.response.start":
                self.requests.append((method, path, message["status"]))
            await send(message)

        def matches(failure: Failure) -> bool:
            here = re.search(failure.path, path)
            return bool(here and re.fullmatch(failure.method, method))

        if failure := _next(self.failures, matches):
            while (await receive()).get("more_body"):
                pass
            error = {"error": f"status {failure.status}"}
            answer = JSONResponse(error, failure.status, dict(failure.headers))
            await answer(scope, receive, noted)
        else:
            await self.app(scope, receive, noted)

    async def _drop(self, scope: Scope, receive: Receive, share: float) -> None:
        """Read that share of the body, then reset the connection; return once it is gone."""
        sizes = [int(v) for name, v in scope["headers"] if name == b"content-length"]
        wanted, seen, more = share * (sizes[0] if sizes else 0), 0, True
        while more and seen < wanted:
            message = await receive()
            seen += len(message.get("body", b""))
            more = message.get("more_body", False)
        self.lines[tuple(scope["client"])].abort()
        while (await receive())["type"] != "http.disconnect":
            pass


def _next(queue: list[Any], matches: Any) -> Any:
    """The first entry that matches, counted down and gone after its last time."""
    for entry in queue:
        if matches(entry):
            entry.times -= 1
            if entry.times == 0:
                queue.remove(entry)
            return entry
    return None
