"""What people ask that lies outside the small world, and the honest answer to it."""

from __future__ import annotations

import string
from collections.abc import Mapping
from random import Random
from typing import Any

from train.embedded import names
from train.embedded.phrases import read_world, say
from train.embedded.typing_errors import as_typed

SHARES = {
    "topic": 0.24,
    "task": 0.16,
    "medical": 0.16,
    "story": 0.14,
    "trivia": 0.1,
    "dose": 0.1,
    "noise": 0.04,
    "pet": 0.03,
    "foreign": 0.03,
}
"""How often each group of `world/outside.toml` is asked from."""

_ANSWERS = {"medical": "medical", "trivia": "medical", "dose": "dose"}
_INVENTED = {"medical": "illnesses", "dose": "agents"}


def known_conditions(rng: Random) -> dict[str, str]:
    """Three conditions of the world as {c1} {c2} {c3}: what one can ask about."""
    known = rng.choice(read_world("chat")["outside"]["known"])
    return dict(zip(("c1", "c2", "c3"), known, strict=True))


def outside_reply(talk: Mapping[str, Any], voice: str, rng: Random) -> tuple[str, str]:
    """(message, answer) on something that the world does not hold.

    Args:
        talk: `world/chat.toml`.
        voice: "base" or "doctor".
        rng: whatever is drawn is drawn from it.
    """
    kind = rng.choices(list(SHARES), list(SHARES.values()))[0]
    group = read_world("outside")[kind]
    slots = _slots(kind, group, rng)
    whole = "whole" if kind == "topic" and rng.random() < 0.5 else "ask"
    # A part may have slots of its own.
    message = say(rng, [say(rng, group[whole], slots)], slots)
    if kind == "noise" and rng.random() < 0.5:
        message = _noise(rng)
    answer = say(rng, talk["outside"][_ANSWERS.get(kind, voice)], known_conditions(rng))
    return as_typed(message, rng), answer


def _slots(kind: str, group: Mapping[str, Any], rng: Random) -> dict[str, Any]:
    """One of every list of the group, another one of it with a 2 behind its name, and names."""
    terms, outside = read_world("terms"), read_world("outside")
    slots: dict[str, Any] = {"person": rng.choice(outside["story"]["person"])}
    for name, items in group.items():
        slots[name], slots[f"{name}2"] = rng.sample(items, k=2)
    if kind in _INVENTED and rng.random() < 0.3:
        slots["thing"] = names.term(_INVENTED[kind], terms, rng)
    number, other = rng.sample(range(2, 120), k=2)
    real = rng.choice(("Lisbon", "Vienna", "Oslo", "Cairo", "Kenya", "Peru", "Chicago", "Leeds"))
    return {
        **slots,
        "lower": str(slots.get("question", "")).lower(),
        "number": number,
        "number2": other,
        "place": real if rng.random() < 0.5 else names.place(terms, rng),
        "gene": f"{rng.choice(terms['invented']['letters'])}{rng.randint(1, 9)}",
        "illness": rng.choice(outside["medical"]["thing"]),
        "invented": names.term("illnesses", terms, rng),
    }


def _noise(rng: Random) -> str:
    """Keys hit at random, or words that have nothing to do with each other."""
    if rng.random() < 0.5:
        keys = string.ascii_lowercase + ";.?!9 "
        return "".join(rng.choice(keys) for _ in range(rng.randint(3, 24))).strip() or "x"
    words = " ".join(read_world("outside")["topic"]["thing"]).split()
    return " ".join(rng.sample(words, k=rng.randint(3, 9)))
