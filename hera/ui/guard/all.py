"""What every request passes, the first named first."""

from __future__ import annotations

from collections.abc import Sequence

from starlette.middleware import Middleware

from hera.ui.guard.doors import Doors
from hera.ui.guard.headers import SafeHeaders
from hera.ui.guard.hosts import KnownHosts
from hera.ui.guard.left import Listens
from hera.ui.guard.password import WantsPassword
from hera.ui.guard.uploads import CheckedUploads


def guards(hosts: Sequence[str], auth: str | None, paths: Sequence[str]) -> list[Middleware]:
    """The middleware of an app that is asked for by these hosts, wants this NAME:PASSWORD if there
    is one, and has these paths beside Gradio's."""
    return [
        Middleware(SafeHeaders),
        Middleware(KnownHosts, hosts=hosts),
        *([Middleware(WantsPassword, auth=auth)] if auth else []),
        Middleware(Doors, more=paths),
        Middleware(CheckedUploads),
        Middleware(Listens),
    ]
