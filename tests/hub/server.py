"""A Hugging Face Hub on the loopback: what of its HTTP protocol the real clients use.

    with Hub() as hub:
        hub.seed("model", "me/thing", {"config.json": b"{}"})
        command(..., **hub.environment())

In memory; nothing leaves the machine. A test can make it refuse (`fail`) or drop a connection in
the middle of a request (`cut`).
"""

from __future__ import annotations

import re
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import TracebackType

from tests.hub import api
from tests.hub.repos import File, Repo, is_large
from tests.hub.wire import RefusalError, Reply, Request


@dataclass
class Trouble:
    """What happens to the next `times` requests that match: a status, or a cut after `at`."""

    method: re.Pattern[str]
    path: re.Pattern[str]
    times: int
    status: int = 0
    headers: Mapping[str, str] = field(default_factory=dict)
    at: float = 0.0


class Hub:
    """The server and what it holds. Use it as a context manager."""

    def __init__(self) -> None:
        self.tokens = {"hf_test": "me", "hf_read": "me", "hf_other": "other"}
        self.repos: dict[tuple[str, str], Repo] = {}
        self.large: dict[str, bytes] = {}
        self.requests: list[tuple[str, str, int]] = []
        self.troubles: list[Trouble] = []
        handler = type("Bound", (Handler,), {"hub": self})
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}"

    def __enter__(self) -> Hub:
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._server.server_close()

    def environment(self, token: str | None = "hf_test") -> dict[str, str]:
        """What points every Hub client of a subprocess here."""
        settings = {
            "HF_ENDPOINT": self.url,
            "HF_HUB_OFFLINE": "0",
            "HF_HUB_DISABLE_XET": "1",
            "HF_HUB_DISABLE_TELEMETRY": "1",
            "HF_HUB_DISABLE_UPDATE_CHECK": "1",
            "HF_UPDATE_DOWNLOAD_COUNTS": "0",
        }
        return settings if token is None else {**settings, "HF_TOKEN": token}

    def seed(
        self,
        kind: str,
        repo: str,
        files: Mapping[str, bytes] | Path,
        *,
        gated: bool = False,
        private: bool = False,
        sdk: str | None = None,
    ) -> Repo:
        """Put a repository there, or a new commit on it; a folder is taken with all its files."""
        if isinstance(files, Path):
            paths = [path for path in sorted(files.rglob("*")) if path.is_file()]
            files = {str(path.relative_to(files)): path.read_bytes() for path in paths}
        made = self.repos.setdefault((kind, repo), Repo(kind, repo, private, gated, sdk))
        made.commit({p: File(data, is_large(p, len(data))) for p, data in files.items()}, "seed")
        return made

    def repo(self, kind: str, repo: str) -> Repo:
        return self.repos[kind, repo]

    def exists(self, kind: str, repo: str) -> bool:
        return (kind, repo) in self.repos

    def fail(
        self,
        method: str,
        path: str,
        status: int,
        times: int = 1,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        """Answer the next `times` requests that match with a status. Patterns are regular."""
        trouble = Trouble(re.compile(method), re.compile(path), times, status, headers or {})
        self.troubles.append(trouble)

    def cut(self, path: str, at: float = 0.5, times: int = 1) -> None:
        """Drop the next `times` connections that match when that share of their body has come."""
        self.troubles.append(Trouble(re.compile("PUT|POST"), re.compile(path), times, at=at))

    def trouble_for(self, method: str, path: str) -> Trouble | None:
        for trouble in self.troubles:
            if trouble.times and trouble.method.fullmatch(method) and trouble.path.search(path):
                trouble.times -= 1
                return trouble
        return None


class Handler(BaseHTTPRequestHandler):
    """Reads a request, lets trouble have it or `tests.hub.api` answer it."""

    hub: Hub
    protocol_version = "HTTP/1.1"

    def answer(self) -> None:
        path = self.path.split("?")[0]
        trouble = self.hub.trouble_for(self.command, path)
        if trouble and not trouble.status:
            self.rfile.read(int(int(self.headers["Content-Length"]) * trouble.at))
            self.hub.requests.append((self.command, path, 0))
            self.close_connection = True
            self.connection.close()
            return
        request = Request(self.command, self.path, self.headers, self.body(), self.hub.url)
        try:
            if trouble:
                raise RefusalError(trouble.status, "trouble", headers=trouble.headers)
            reply = api.answer(self.hub, request)
        except RefusalError as refusal:
            reply = refusal.reply()
        self.hub.requests.append((self.command, path, reply.status))
        self.send(reply)

    do_GET = do_HEAD = do_POST = do_PUT = do_DELETE = answer  # noqa: N815  (http.server calls them)

    def body(self) -> bytes:
        if self.headers.get("Transfer-Encoding", "").lower() != "chunked":
            return self.rfile.read(int(self.headers.get("Content-Length") or 0))
        parts = []
        while size := int(self.rfile.readline().split(b";")[0], 16):
            parts.append(self.rfile.read(size))
            self.rfile.readline()
        self.rfile.readline()
        return b"".join(parts)

    def send(self, reply: Reply) -> None:
        self.send_response(reply.status)
        headers = {"Content-Length": str(len(reply.body)), **reply.headers}
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(reply.body)

    def log_message(self, *_: object) -> None:
        """Quiet: `Hub.requests` is the log."""
