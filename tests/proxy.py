"""A reverse proxy on the loopback, as nginx is one: it serves a program under a path of its own."""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field

import httpx
import uvicorn
from starlette.applications import Starlette
from starlette.background import BackgroundTask
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response, StreamingResponse
from starlette.routing import Route

from benchmarks.speed.port import free_port

_ONE_HOP = {"connection", "keep-alive", "transfer-encoding", "upgrade"}  # RFC 9110, 7.6.1


@dataclass
class Proxy:
    """`url` is where it serves what lies at `program`; `refused` are the paths outside its prefix
    that it was asked for."""

    url: str
    program: str
    refused: list[str] = field(default_factory=list)


@contextlib.contextmanager
def behind_a_proxy(program: str, prefix: str, host: str = "") -> Iterator[Proxy]:
    """Strip `prefix` and pass on everything else, streams as they come.

    Args:
        program: the address of what it serves.
        prefix: as in "/hera".
        host: the Host that the program is told; the browser's own if there is none.
    """
    port = free_port()
    proxy = Proxy(f"http://127.0.0.1:{port}{prefix}/", program)
    # No limit of time: an answer may take long.
    client = httpx.AsyncClient(base_url=program, timeout=None, trust_env=False)

    async def forward(request: Request) -> Response:
        path = request.url.path
        if not path.startswith(f"{prefix}/"):
            proxy.refused.append(path)
            return PlainTextResponse("not served here", status_code=404)
        headers = [(k, v) for k, v in request.headers.items() if k not in _ONE_HOP]
        headers = [(k, host if host and k == "host" else v) for k, v in headers]
        asked = client.build_request(
            request.method,
            httpx.URL(path=path.removeprefix(prefix), query=request.url.query.encode()),
            headers=headers,
            content=request.stream(),
        )
        reply = await client.send(asked, stream=True)
        answer = StreamingResponse(
            reply.aiter_raw(), reply.status_code, background=BackgroundTask(reply.aclose)
        )
        answer.raw_headers = [
            (k.lower(), v) for k, v in reply.headers.raw if k.lower().decode() not in _ONE_HOP
        ]
        return answer

    app = Starlette(routes=[Route("/{path:path}", forward, methods=["GET", "POST", "HEAD"])])
    server = uvicorn.Server(uvicorn.Config(app, port=port, log_level="warning"))
    thread = threading.Thread(target=server.run, name="proxy")
    thread.start()
    try:
        while not server.started:
            assert thread.is_alive()
            time.sleep(0.01)
        yield proxy
    finally:
        server.should_exit = server.force_exit = True  # a page's heartbeat never ends by itself
        thread.join(timeout=20)
