"""What the visitors do: most chat, some compare, a few score questions; a fifth leave in the middle
of an answer and come again, a fifth read slowly."""

from __future__ import annotations

import asyncio
import random
import time
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import httpx

from benchmarks.load.asking import Ended, Visitor

KINDS = {"chat": 0.7, "compare": 0.2, "pubmedqa": 0.1}
"""Endpoint -> how often it is asked."""
SCORED = 16
"""Questions of one scoring."""

_ARRIVE = 5.0  # seconds in which all come
_THINK = (0.5, 2.0)  # seconds between an answer and the next question
_SLOW = 0.3  # seconds between two looks of one who reads slowly


@dataclass(frozen=True)
class Plan:
    """Who comes, for how long, and what they ask."""

    visitors: int
    seconds: float
    tokens: int
    seed: int
    questions: Sequence[str]

    def leaves(self, number: int) -> bool:
        """Whether a visitor goes in the middle of answers."""
        return number % 5 == 4

    def slow(self, number: int) -> float:
        """How long a visitor looks away between two looks."""
        return _SLOW if number % 5 == 3 else 0.0


async def crowd(client: httpx.AsyncClient, plan: Plan, clock: float, ended: list[Ended]) -> None:
    """All of them until the time is over and each has the answer that was begun; `ended` grows."""
    until = time.monotonic() + plan.seconds
    await asyncio.gather(
        *(_visit(client, plan, number, clock, until, ended) for number in range(plan.visitors))
    )


async def _visit(
    client: httpx.AsyncClient,
    plan: Plan,
    number: int,
    clock: float,
    until: float,
    ended: list[Ended],
) -> None:
    rng = random.Random(plan.seed * 10_000 + number)
    await asyncio.sleep(rng.uniform(0, min(_ARRIVE, plan.seconds / 4)))
    while time.monotonic() < until:
        visitor = Visitor(client, number, uuid.uuid4().hex, clock, plan.slow(number))
        async with visitor.here():
            left = False
            while time.monotonic() < until and not left:
                name, data = _question(plan, rng)
                one = await visitor.ask(
                    name, data, leaves=plan.leaves(number) and rng.random() < 0.5
                )
                ended.append(one)
                left = one.how == "left"
                await asyncio.sleep(rng.uniform(*_THINK))


def _question(plan: Plan, rng: random.Random) -> tuple[str, list[Any]]:
    name = rng.choices(list(KINDS), list(KINDS.values()))[0]
    message, seed = rng.choice(plan.questions), rng.randrange(2**31)
    if name == "chat":
        return name, chat(message, plan.tokens, seed)
    if name == "compare":
        return name, [message, [], plan.tokens, 0.7, 0.95, seed, ""]
    return name, [[], SCORED, seed]


def chat(message: str, tokens: int, seed: int) -> list[Any]:
    """What `/chat` is sent; what it did is told as data."""
    return [message, "", [], tokens, 0.7, 0.95, seed, "", True]
