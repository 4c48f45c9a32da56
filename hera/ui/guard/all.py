"""What every request passes, the first named first."""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import urlsplit

from starlette.middleware import Middleware

from hera.config import Config
from hera.config.signing_in import space_hosts
from hera.ui.guard.doors import Doors
from hera.ui.guard.headers import SafeHeaders
from hera.ui.guard.hosts import KnownHosts, known_hosts
from hera.ui.guard.left import Listens
from hera.ui.guard.origins import OwnPageAlone
from hera.ui.guard.password import WantsPassword
from hera.ui.guard.signing_in import signing_in
from hera.ui.guard.uploads import CheckedUploads


def guards(config: Config, paths: Sequence[str]) -> list[Middleware]:
    """The middleware of an app that is served like this and has these paths beside Gradio's."""
    return [
        Middleware(SafeHeaders),
        Middleware(KnownHosts, hosts=known_hosts(config)),
        *_whom_it_knows(config),
        Middleware(Doors, more=paths),
        Middleware(CheckedUploads),
        Middleware(Listens),
    ]


def _whom_it_knows(config: Config) -> list[Middleware]:
    if config.sign_in:
        asks = signing_in(config.sign_in, config.auth, config.root_path, config.own)
    elif config.auth:
        asks = [Middleware(WantsPassword, auth=config.auth)]
    else:
        return []
    own = [*space_hosts(), *filter(None, [urlsplit(config.root_path).netloc])]
    return [Middleware(OwnPageAlone, own=own), *asks]
