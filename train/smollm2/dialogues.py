"""Stage 2's dialogues for the real small base: everyday messages and answers, as rows.

They are written by hand in `talk/`: for each of the embedded model's conditions what people say who
have it, replies, warning signs, questions about it and later turns of a chat; questions of health
that belong to no condition; manner and caution. The letters that the embedded model is asked about
(`train.embedded.patients`) are among the messages, in the words that its dialogues may use, and so
are later turns of its own chats.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path
from random import Random
from typing import Any

from hera.safety import assess
from train.embedded import patients
from train.embedded.phrases import read_world, say
from train.embedded.typing_errors import as_typed

TALK = Path(__file__).parent / "talk"
LETTERS = 8  # a condition: half of them long, half brief
ALARMS = 3  # a condition that is no emergency: letters with one of its warning signs
TURNS = 500  # later turns of the embedded model's chats
WORDINGS = 2  # of a question about a condition
Row = dict[str, Any]


def rows(seed: int) -> list[Row]:
    """Every dialogue once, in a seeded order, in HealthCareMagic's schema with earlier turns in
    `history`: a list of [message, reply]."""
    rng = Random(f"{seed}/smollm2")
    made = [row for entry in conditions() for row in _of_condition(entry, rng)]
    for name in ("knowledge", "manners"):
        made += [row for entry in _read(name)["qa"] for row in _of_question(entry, rng)]
    made += [row for entry in _read("manners")["chat"] for row in _of_chat(entry["turns"])]
    made += _later_turns(rng)
    rng.shuffle(made)
    return made


def conditions() -> list[Mapping[str, Any]]:
    """What is said of each condition, in the order of the embedded model's."""
    return [
        c for name in read_world("conditions") for c in _read(f"conditions/{name}")["condition"]
    ]


@cache
def _read(name: str) -> dict[str, Any]:
    return tomllib.loads((TALK / f"{name}.toml").read_text(encoding="utf-8"))


def _row(message: str, reply: str, history: Sequence[Sequence[str]] = ()) -> Row:
    instruction = read_world("chat")["patient"]["instruction"]
    return {
        "instruction": instruction,
        "input": message,
        "output": reply,
        "history": [list(turn) for turn in history],
    }


def _of_condition(entry: Mapping[str, Any], rng: Random) -> Iterator[Row]:
    replies = entry["reply"]
    for place, message in enumerate(entry["say"]):
        yield _row(message, replies[place % len(replies)])
    condition = next(c for c in patients.conditions() if c["name"] == entry["name"])
    for message in _letters(condition, rng):
        yield _row(message, rng.choice(replies))
    if not condition.get("emergency"):
        yield from _alarms(condition, rng)
    for message, reply in entry.get("urgent", ()):
        yield _row(message, reply)
    for questions, answer in entry["know"]:
        wordings = [wording.strip() for wording in questions.split("|")]
        for wording in rng.sample(wordings, k=min(WORDINGS, len(wordings))):
            yield _row(wording, answer)
    for message, answer in entry.get("follow", ()):
        yield _row(message, answer, [(rng.choice(entry["say"]), rng.choice(replies))])


def _letters(condition: Mapping[str, Any], rng: Random) -> Iterator[str]:
    """Messages as the embedded model's patients write them, without a warning sign."""
    for place in range(LETTERS):
        slots = patients.slots_of(condition, rng)
        parts = ["brief"] if place % 2 else ["greet", "self", "complain", "more", "want"]
        yield _message(parts, slots, rng)


def _alarms(condition: Mapping[str, Any], rng: Random) -> Iterator[Row]:
    """Such messages with a warning sign. Thoughts of suicide are none: they are answered in
    `manners`, not under the name of a complaint."""
    for _ in range(ALARMS):
        slots = patients.slots_of(condition, rng)
        message = _message(["greet", "self", "complain", "flag", "want"], slots, rng)
        if assess(message).level != "crisis":
            yield _row(message, patients.urgent_reply(_chat()["doctor"], slots, rng))


def _message(parts: Sequence[str], slots: dict[str, Any], rng: Random) -> str:
    said = [say(rng, _chat()["patient"][part], slots) for part in parts]
    return as_typed(" ".join(part for part in said if part), rng)


def _later_turns(rng: Random) -> list[Row]:
    """Later turns of the embedded model's chats, the earlier ones before them."""
    made: list[Row] = []
    while len(made) < TURNS:
        row = patients.dialogue(_chat(), "train", rng, chat=True)
        if row["history"] and assess(row["input"]).level != "crisis":
            made.append(_row(row["input"], row["output"], row["history"]))
    return made


@cache
def _chat() -> dict[str, Any]:
    return patients.in_chat(read_world("chat"))


def _of_question(entry: Mapping[str, Any], rng: Random) -> Iterator[Row]:
    for wording in entry["ask"]:
        yield _row(wording, rng.choice(entry["answer"]))


def _of_chat(turns: Sequence[str]) -> Iterator[Row]:
    """Every reply of a conversation, with what was said before it."""
    pairs = list(zip(turns[::2], turns[1::2], strict=True))
    for place, (message, reply) in enumerate(pairs):
        yield _row(message, reply, pairs[:place])
