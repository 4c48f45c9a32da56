"""What people ask that lies outside the small world, and the honest answer to it."""

from __future__ import annotations

from collections.abc import Mapping
from random import Random
from typing import Any

from train.embedded import names
from train.embedded.phrases import read_world, say
from train.embedded.typing_errors import as_typed


def known_conditions(rng: Random) -> dict[str, str]:
    """Three conditions of the world as {c1} {c2} {c3}: what one can ask about."""
    known = [c["name"] for file in read_world("conditions").values() for c in file["condition"]]
    c1, c2, c3 = rng.sample(known, k=3)
    return {"c1": c1, "c2": c2, "c3": c3}


def outside_reply(talk: Mapping[str, Any], voice: str, rng: Random) -> tuple[str, str]:
    """(message, answer) on something that the world does not hold.

    Args:
        talk: `world/chat.toml`.
        voice: "base" or "doctor".
        rng: whatever is drawn is drawn from it.
    """
    asks = read_world("outside")
    kind = rng.choices(("topic", "medical", "dose", "noise"), (0.55, 0.28, 0.1, 0.07))[0]
    group = asks[kind]
    slots = {"thing": _thing(kind, asks, rng), **known_conditions(rng)}
    if kind == "topic" and rng.random() < 0.5:
        asked = rng.choice(group["whole"])
    else:
        asked = say(rng, group["ask"], slots)
    answers = {"medical": "medical", "dose": "dose"}.get(kind, voice)
    return as_typed(asked, rng), say(rng, talk["outside"][answers], slots)


def _thing(kind: str, asks: Mapping[str, Any], rng: Random) -> str:
    if kind == "medical" and rng.random() < 0.3:
        return names.term("illnesses", read_world("terms"), rng)
    return str(rng.choice(asks[kind]["thing"]))
