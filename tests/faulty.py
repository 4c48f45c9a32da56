"""A server on the loopback that does what no server should: each model has a fault of its own."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

MODELS = ("base", "stops", "breaks", "silent", "page", "junk", "gone", "odd")


class Faulty(ThreadingHTTPServer):
    """`asked` are the requests so far: (path, headers, body)."""

    daemon_threads = True

    def __init__(self, models: object, wants: str) -> None:
        super().__init__(("127.0.0.1", 0), _Answers)
        self.models = models
        self.wants = wants
        self.asked: list[tuple[str, dict[str, str], Any]] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"


@contextmanager
def faulty(models: object = None, wants: str = "") -> Iterator[Faulty]:
    """One that has these models (JSON, or a page as text), and wants that key if there is one."""
    listed = {"data": [{"id": name, "owned_by": "somebody"} for name in MODELS]}
    with Faulty(listed if models is None else models, wants) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server
        server.shutdown()


class _Answers(BaseHTTPRequestHandler):
    server: Faulty
    protocol_version = "HTTP/1.1"

    def log_message(self, format: str, *args: object) -> None:
        """Not on the screen."""

    def do_GET(self) -> None:
        if self._let_in(None):
            self._send(200, self.server.models)

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["content-length"])))
        if self._let_in(body):
            getattr(self, f"_{body['model']}")()

    def _let_in(self, body: Any) -> bool:
        headers = {name.lower(): value for name, value in self.headers.items()}
        self.server.asked.append((self.path, headers, body))
        wants = self.server.wants
        if wants and headers.get("authorization") != f"Bearer {wants}":
            self._send(401, {"error": {"message": f"{wants} is the key"}})
            return False
        return True

    def _send(self, status: int, content: object) -> None:
        html = isinstance(content, str)
        data = (str(content) if html else json.dumps(content)).encode()
        self.send_response(status)
        self.send_header("Content-Type", "text/html" if html else "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def _stream(self, *events: str) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        for event in events:
            data = f"data: {event}\n\n".encode()
            self.wfile.write(f"{len(data):x}\r\n".encode() + data + b"\r\n")
            self.wfile.flush()

    def _base(self) -> None:
        self._stream(_said("Rest "), _said("helps."), _said("", "stop"), "[DONE]")
        self.wfile.write(b"0\r\n\r\n")

    def _stops(self) -> None:
        """As a server whose process was killed."""
        self._stream(_said("Drink "), _said("some "))
        self.close_connection = True

    def _breaks(self) -> None:
        """As one that says itself that it failed."""
        self._stream(_said("Drink "), '{"error": {"message": "out of memory"}}')
        self.wfile.write(b"0\r\n\r\n")

    def _silent(self) -> None:
        self._stream(_said("Drink "))
        time.sleep(5)

    def _page(self) -> None:
        self._send(200, "<html><body>Welcome</body></html>")

    def _junk(self) -> None:
        self._stream("{nothing")

    def _gone(self) -> None:
        self._send(404, {"error": {"message": "The model `gone` does not exist."}})

    def _odd(self) -> None:
        self._stream('{"choices": "none"}')


def _said(text: str, ending: str | None = None) -> str:
    return json.dumps({"choices": [{"delta": {"content": text}, "finish_reason": ending}]})
