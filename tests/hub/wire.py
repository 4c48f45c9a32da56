"""A request and a reply of the loopback Hub, and a refusal as the Hub words it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from email.message import Message
from typing import Any
from urllib.parse import parse_qs, urlsplit


@dataclass(frozen=True)
class Request:
    """`path` stays as it was sent: a revision in it may hold %2F."""

    method: str
    target: str
    headers: Message
    body: bytes
    url: str

    @property
    def path(self) -> str:
        return urlsplit(self.target).path

    def query(self, name: str) -> str:
        return parse_qs(urlsplit(self.target).query).get(name, [""])[0]

    def form(self, name: str) -> list[str]:
        return parse_qs(self.body.decode()).get(name, [])

    def json(self) -> dict[str, Any]:
        return dict(json.loads(self.body or b"{}"))


@dataclass(frozen=True)
class Reply:
    status: int = 200
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)


def as_json(content: Any, status: int = 200, media: str = "application/json") -> Reply:
    return Reply(status, json.dumps(content).encode(), {"Content-Type": media})


class RefusalError(Exception):
    """A status with the Hub's own error code, which its client turns into a type."""

    def __init__(
        self, status: int, message: str, code: str = "", headers: Mapping[str, str] | None = None
    ) -> None:
        super().__init__(message)
        self.status, self.message, self.code = status, message, code
        self.headers = headers or {}

    def reply(self) -> Reply:
        error = as_json({"error": self.message}, self.status)
        told = {"X-Error-Message": self.message, **self.headers}
        if self.code:
            told["X-Error-Code"] = self.code
        return Reply(self.status, error.body, {**error.headers, **told})
