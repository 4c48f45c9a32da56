"""What needs no crowd: a row is free when its visitor has gone, and one visitor's long scoring or
many requests keep nobody else waiting."""

from __future__ import annotations

import asyncio
import json
import time
import uuid
from collections.abc import Awaitable, Callable, Sequence

import httpx

from benchmarks.load.asking import Ended, Visitor, is_refusal
from benchmarks.load.crowd import chat

_LONG = 2_000  # tokens that nobody waits for
_HOT = 2.0  # a temperature at which no turn ends soon
_PATIENCE = 60.0
Chats = Callable[[], Awaitable[list[float]]]


async def engine_of(client: httpx.AsyncClient) -> dict[str, int]:
    """What `GET /metrics` says of the engine: "steps_total", "rows", "waiting"."""
    said = (await client.get("metrics")).text.splitlines()
    pairs = (line.split() for line in said if line.startswith("hera_engine_"))
    return {name.removeprefix("hera_engine_"): int(value) for name, value in pairs}


async def steps_until_free(client: httpx.AsyncClient, rounds: int, clock: float) -> list[int]:
    """How many steps the engine makes from the moment at which the one visitor's line is closed
    until no row is left, each time."""
    found = []
    for _ in range(rounds):
        visitor = Visitor(client, -1, uuid.uuid4().hex, clock)
        async with visitor.here():
            data = chat("What is gout?", _LONG, 1)
            data[4] = _HOT
            await visitor.ask("chat", data, leaves=True)
            before = (await engine_of(client))["steps_total"]
        began = time.monotonic()
        while (now := await engine_of(client))["rows"]:
            if time.monotonic() - began > _PATIENCE:
                break
            await asyncio.sleep(0.02)
        found.append(now["steps_total"] - before)
    return found


async def chats(
    client: httpx.AsyncClient, questions: Sequence[str], tokens: int, clock: float
) -> list[Ended]:
    """One visitor's chats, one after the other."""
    visitor = Visitor(client, -1, uuid.uuid4().hex, clock)
    async with visitor.here():
        return [
            await visitor.ask("chat", chat(question, tokens, seed))
            for seed, question in enumerate(questions)
        ]


async def beside_scoring(
    client: httpx.AsyncClient, questions: Sequence[str], tokens: int, clock: float
) -> list[Ended]:
    """The same while another visitor scores 500 questions, who leaves at the end."""
    other = Visitor(client, -2, uuid.uuid4().hex, clock)
    async with other.here():
        run = asyncio.create_task(other.ask("pubmedqa", [[], 500, 1]))
        try:
            await asyncio.sleep(3)  # it is at work
            return await chats(client, questions, tokens, clock)
        finally:
            run.cancel()
            await asyncio.gather(run, return_exceptions=True)


async def beside_many(
    client: httpx.AsyncClient, questions: Sequence[str], tokens: int, many: int, clock: float
) -> tuple[list[Ended], int, str]:
    """The same while another visitor has sent so many requests at once; and how many of those were
    refused, with the line."""
    session = uuid.uuid4().hex
    other = Visitor(client, -2, session, clock)
    async with other.here():
        refused: list[str] = []
        for seed in range(many):
            data = chat("What is gout?", _LONG, seed)
            data[4] = _HOT
            body = {"data": data, "session_hash": session}
            await client.post("gradio_api/call/chat", json=body)
        listens = asyncio.create_task(_listen(client, session, refused))
        try:
            found = await chats(client, questions, tokens, clock)
        finally:
            listens.cancel()
            await asyncio.gather(listens, return_exceptions=True)
    return found, len(refused), refused[0] if refused else ""


async def _listen(client: httpx.AsyncClient, session: str, refused: list[str]) -> None:
    path = f"gradio_api/queue/data?session_hash={session}"
    async with client.stream("GET", path) as stream:
        async for line in stream.aiter_lines():
            said = json.loads(line[6:]) if line.startswith("data: ") else {}
            if is_refusal(said.get("output")):
                refused.append(said["output"]["error"])
