"""One visitor's request over HTTP, as a page or a client makes it: asked, read, or left."""

from __future__ import annotations

import asyncio
import contextlib
import json
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import httpx

PATIENCE = 300.0
"""Seconds after which an answer that has not ended counts as lost."""

_BUSY = "HERA is busy"


@dataclass(frozen=True)
class Ended:
    """`how`: "whole", "refused" with a line, "left" by the visitor, or "lost" and `why`. `first` is
    seconds to the first token, or to the first questions scored."""

    visitor: int
    kind: str
    began: float
    how: str
    first: float | None = None
    whole: float | None = None
    why: str = ""


class Visitor:
    """One who is there: a session, which the app knows by an open line.

    Args:
        client: for all of them.
        number: who it is in the results.
        session: a name that nobody else has.
        clock: when the run began.
        slow: seconds between two looks at what has come.
    """

    def __init__(
        self,
        client: httpx.AsyncClient,
        number: int,
        session: str,
        clock: float,
        slow: float = 0.0,
    ) -> None:
        self._client = client
        self.number = number
        self.session = session
        self._clock = clock
        self._slow = slow

    @contextlib.asynccontextmanager
    async def here(self) -> AsyncIterator[None]:
        """Within, the visitor's page is open."""
        line = asyncio.create_task(self._stay())
        try:
            yield
        finally:
            line.cancel()
            await asyncio.gather(line, return_exceptions=True)

    async def _stay(self) -> None:
        async with self._client.stream("GET", f"gradio_api/heartbeat/{self.session}") as stream:
            async for _ in stream.aiter_raw():
                pass

    async def ask(self, name: str, data: list[Any], *, leaves: bool = False) -> Ended:
        """Ask an endpoint and read the answer to its end, or only its beginning."""
        began = time.monotonic()
        first: list[float] = []

        def ended(how: str, why: str = "") -> Ended:
            whole = time.monotonic() - began if how == "whole" else None
            at = began - self._clock
            return Ended(self.number, name, at, how, first[0] if first else None, whole, why)

        try:
            async with asyncio.timeout(PATIENCE):
                reply = await self._client.post(
                    f"gradio_api/call/{name}", json={"data": data, "session_hash": self.session}
                )
                if reply.status_code != 200:
                    return ended("lost", f"{reply.status_code}: {reply.text[:200]}")
                async for event, said in self._events(name, reply.json()["event_id"]):
                    if event == "error":
                        return ended("refused" if is_refusal(said) else "lost", str(said)[:200])
                    if not first and said and says_something(said[0]):
                        first.append(time.monotonic() - began)
                        if leaves:
                            return ended("left")
                    if event == "complete":
                        return ended("whole")
        except TimeoutError:
            return ended("lost", f"no end after {PATIENCE:.0f} s")
        except httpx.HTTPError as error:
            return ended("lost", f"{type(error).__name__}: {error}")
        return ended("lost", "the stream ended without a word")

    async def _events(self, name: str, event_id: str) -> AsyncIterator[tuple[str, Any]]:
        async with self._client.stream("GET", f"gradio_api/call/{name}/{event_id}") as stream:
            event = ""
            async for line in stream.aiter_lines():
                key, _, value = line.partition(": ")
                if key == "event":
                    event = value
                elif key == "data" and event != "heartbeat":
                    yield event, json.loads(value)
                    await asyncio.sleep(self._slow)


def is_refusal(said: Any) -> bool:
    """Whether an error says that the app is busy, in its own words."""
    return isinstance(said, dict) and said.get("title") == _BUSY


def says_something(said: Any) -> bool:
    """Whether an endpoint's report holds a token of the model, or a question scored."""
    if isinstance(said, dict) and "answer" in said:
        return bool(said["answer"])
    if isinstance(said, dict) and "n" in said:
        return bool(said["n"])
    return isinstance(said, dict) and any(
        isinstance(one, dict) and one.get("tokens") for one in said.values()
    )


def client_of(url: str) -> httpx.AsyncClient:
    """For any number of visitors at once."""
    limits = httpx.Limits(max_connections=None, max_keepalive_connections=20)
    return httpx.AsyncClient(base_url=url, timeout=PATIENCE, limits=limits, trust_env=False)
