"""A Hugging Face Hub on the loopback, for the clients as they are: point HF_ENDPOINT at it.

It speaks the part of the Hub's HTTP protocol that huggingface_hub 2.4, transformers 5.23, peft 0.21
and datasets 5.2 use here, keeps everything in memory, and fails when a test wants it to. Not in it:
Xet (HF_HUB_DISABLE_XET=1 turns it off in the client), organisations, multi-part uploads, search.

    with Hub() as hub:
        hub.seed("model", "me/tiny", Path("folder"))
        command("-m", "train.stage1", home=home, **hub.environment())
"""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Mapping

import uvicorn
from starlette.applications import Starlette

from tests.doubles.hub import reading, space_routes, writing
from tests.doubles.hub.access import RefusedError, refused
from tests.doubles.hub.repos import Files, Repo, stored
from tests.doubles.hub.spaces import Space
from tests.doubles.hub.trouble import Cut, Failure, Trouble


class Hub:
    """Used as a context manager; a started Hub can be seeded and asked at any time."""

    def __init__(self) -> None:
        self.tokens = {"hf_test": "me", "hf_read": "me", "hf_other": "other"}
        self.read_only = {"hf_read"}
        self.repos: dict[tuple[str, str], Repo] = {}
        self.lfs: dict[str, bytes] = {}  # sha256 -> content, of LFS files
        app = Starlette(
            routes=[*space_routes.ROUTES, *writing.ROUTES, *reading.ROUTES],
            exception_handlers={RefusedError: refused},
        )
        app.state.hub = self
        self._trouble = Trouble(app)

    def __enter__(self) -> Hub:
        listening = socket.socket()
        listening.bind(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{listening.getsockname()[1]}"
        config = uvicorn.Config(
            self._trouble,
            http=self._trouble.protocol,  # type: ignore[arg-type]  # called as a class would be
            lifespan="off",
            log_level="warning",
        )
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(
            target=self._server.run, kwargs={"sockets": [listening]}, daemon=True
        )
        self._thread.start()
        while not self._server.started:
            assert self._thread.is_alive()
            time.sleep(0.01)
        return self

    def __exit__(self, *_: object) -> None:
        self._server.should_exit = self._server.force_exit = True
        self._thread.join()

    def environment(self, token: str | None = "hf_test") -> dict[str, str]:
        """What a client's environment needs to come here, signed in with `token`."""
        return {
            "HF_ENDPOINT": self.url,
            "HF_HUB_OFFLINE": "0",
            "HF_HUB_DISABLE_XET": "1",
            "HF_UPDATE_DOWNLOAD_COUNTS": "0",
            "HF_HUB_DISABLE_UPDATE_CHECK": "1",
            **({} if token is None else {"HF_TOKEN": token}),
        }

    def seed(
        self,
        kind: str,
        name: str,
        files: Files,
        *,
        gated: bool = False,
        private: bool = False,
        sdk: str | None = None,
    ) -> Repo:
        """Put a repository there, or a commit that replaces all that it held."""
        if (kind, name) not in self.repos:
            repo: Repo = Repo(kind, name, private, gated)
            if kind == "space":
                repo = Space(kind, name, private, gated, sdk=sdk)
            self.repos[kind, name] = repo
        self.repos[kind, name].commit(stored(files), "seed")
        return self.repos[kind, name]

    def repo(self, kind: str, name: str) -> Repo:
        return self.repos[kind, name]

    def space(self, name: str) -> Space:
        repo = self.repo("space", name)
        assert isinstance(repo, Space)
        return repo

    def exists(self, kind: str, name: str) -> bool:
        return (kind, name) in self.repos

    @property
    def requests(self) -> list[tuple[str, str, int]]:
        """(method, path, status) of everything that came; status 0 for a line that was cut."""
        return self._trouble.requests

    def accept(self, kind: str, name: str, user: str = "me") -> None:
        """The user clicks 'Acknowledge license' on a gated repository's page."""
        self.repos[kind, name].accepted.add(user)

    def fail(
        self,
        method: str,
        path: str,
        status: int,
        times: int = 1,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        """The next `times` requests whose method and path match these patterns get that status."""
        self._trouble.failures.append(Failure(method, path, status, times, headers or {}))

    def cut(self, path: str, at: float = 0.5, times: int = 1) -> None:
        """The next `times` matching requests are dropped after that share of their body."""
        self._trouble.cuts.append(Cut(path, at, times))

    def calm(self) -> None:
        """Forget all trouble that is still to come."""
        self._trouble.failures.clear()
        self._trouble.cuts.clear()
