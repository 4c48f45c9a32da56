"""A case put to the app: how it ended, and whether that is how a case may end."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import httpx

from benchmarks.hostile.cases import Case

_WATCHED = 1.0
"""Seconds that an answer is read; who has seen so much of it leaves."""
_PATIENCE = 180.0


@dataclass(frozen=True)
class Ended:
    """`how`: "refused" with a line, "answered", "left" while it was answered, or "crashed"; then
    `why` says what happened."""

    case: Case
    how: str
    why: str = ""


def put(client: httpx.Client, case: Case) -> Ended:
    """Send it, and read what comes."""
    try:
        request = client.build_request(
            case.method, case.path, content=case.body, headers=dict(case.headers)
        )
        reply = client.send(request, stream=True)
        try:
            return _judged(client, case, reply)
        finally:
            reply.close()
    except httpx.InvalidURL:
        return Ended(case, "refused", "no address")
    except httpx.HTTPError as error:
        return Ended(case, "crashed", f"{type(error).__name__}: {error}")


def _judged(client: httpx.Client, case: Case, reply: httpx.Response) -> Ended:
    text = _some(reply)
    if reply.status_code >= 500 and reply.status_code != 503 and _line(text) is None:
        return Ended(case, "crashed", f"{reply.status_code}: {text[:200]}")
    if "Traceback" in text:
        return Ended(case, "crashed", "a traceback in the reply")
    if reply.status_code >= 400:
        return Ended(case, "refused", text[:200])
    if not case.listens:
        return Ended(case, "answered")
    try:
        event = json.loads(text)["event_id"]
    except (ValueError, KeyError, TypeError):
        return Ended(case, "crashed", f"no event: {text[:200]}")
    path = case.listens if "?" in case.listens else f"{case.listens}/{event}"
    return _listened(client, case, path)


def _listened(client: httpx.Client, case: Case, path: str) -> Ended:
    """How a call ends, or that it went on for longer than anybody watches."""
    began, event, said = time.monotonic(), "", ""
    with client.stream("GET", path) as stream:
        if stream.status_code != 200:
            return Ended(case, "crashed", f"its stream: {stream.status_code}")
        for line in stream.iter_lines():
            key, _, value = line.partition(": ")
            if key == "event":
                event = value
            elif key == "data":
                said = value
                if (ended := _ended(case, event, said)) is not None:
                    return ended
            if time.monotonic() - began > _WATCHED and said:
                return Ended(case, "left")
    return Ended(case, "crashed", f"it ended without a word: {event} {said[:200]}")


def _ended(case: Case, event: str, said: str) -> Ended | None:
    """By what a stream says; None while it goes on."""
    try:
        told: Any = json.loads(said)
    except ValueError:
        return Ended(case, "crashed", f"no JSON: {said[:200]}")
    if not event:  # a page's stream
        if not isinstance(told, dict) or told.get("msg") != "process_completed":
            return None
        event, told = ("complete" if told["success"] else "error"), told["output"]
    if event == "complete":
        return Ended(case, "answered")
    if event == "error":
        line = _line(json.dumps(told))
        return Ended(case, "refused", line) if line else Ended(case, "crashed", f"no line: {said}")
    return None


def _line(text: str) -> str | None:
    """What a reply says is wrong, if that is one line."""
    try:
        told = json.loads(text)
    except ValueError:
        return None
    line = told.get("error", told.get("detail")) if isinstance(told, dict) else told
    return line if isinstance(line, str) and line and "\n" not in line else None


def _some(reply: httpx.Response) -> str:
    """A reply's first characters; what never ends, as a heartbeat, is not waited for."""
    began, found = time.monotonic(), b""
    for part in _parts(reply):
        found += part
        if len(found) > 10_000 or time.monotonic() - began > _WATCHED:
            break
        if reply.headers.get("content-type", "").startswith("text/event-stream"):
            break
    return found.decode("utf-8", "replace")


def _parts(reply: httpx.Response) -> Iterator[bytes]:
    yield from reply.iter_bytes()


def client_of(url: str) -> httpx.Client:
    """A stranger's."""
    return httpx.Client(base_url=url, timeout=_PATIENCE, trust_env=False)
