"""By which names the app is asked for: what the Host header says stands in the page as its address.

A page of somebody else's, whose name is made to lead to this machine, would reach an app that is
meant for this machine alone (DNS rebinding): there a name must be known.
"""

from __future__ import annotations

import ipaddress
import re
import socket
from collections.abc import Sequence
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from hera.config import Config
from hera.ui.words import WORDS

_HOST = re.compile(r"(?:[A-Za-z0-9_](?:[A-Za-z0-9_.-]{0,252})|\[[0-9A-Fa-f:.]+\])(?::\d{1,5})?")
_NAMES = (b"host", b"x-forwarded-host")


def known_hosts(config: Config) -> tuple[str, ...]:
    """The names that `KnownHosts` takes: those that the operator gives; without any, "*" for an app
    that is meant for others, and this machine's own for one that listens to it alone."""
    if config.hosts:
        return config.hosts
    for_others = config.share or config.root_path or not _is_loopback(config.host)
    return ("*",) if for_others else ("localhost", "*.localhost", socket.gethostname().lower())


class KnownHosts:
    """ASGI middleware that refuses a request for any other host. Numbers are no names: they are
    taken. "*.example.org" stands for whatever is before it."""

    def __init__(self, app: ASGIApp, hosts: Sequence[str]) -> None:
        self._app, self._hosts = app, tuple(host.lower() for host in hosts)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        named = [n for key in _NAMES if (n := headers.get(key.decode()))]
        if not all(self._is_known(name) for value in named for name in value.split(",")):
            refused = PlainTextResponse(WORDS.errors.host, 400)
            await refused(scope, receive, send)
            return
        # Gradio would take the page's address from this one too: its own front server sets it.
        kept = [(k, v) for k, v in scope["headers"] if k != b"x-gradio-server"]
        await self._app({**scope, "headers": kept}, receive, send)

    def _is_known(self, named: str) -> bool:
        named = named.strip()
        if not _HOST.fullmatch(named):
            return False
        host = (urlsplit(f"//{named}").hostname or "").rstrip(".")
        return _is_number(host) or any(_matches(host, known) for known in self._hosts)


def _matches(host: str, known: str) -> bool:
    return known in ("*", host) or (known.startswith("*.") and host.endswith(known[1:]))


def _is_number(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


def _is_loopback(host: str) -> bool:
    return host == "localhost" or (_is_number(host) and ipaddress.ip_address(host).is_loopback)
