"""A conversation: what sending, retrying and clearing make of its turns, and what of them fits."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from hera.errors import InputError
from hera.types import Message
from hera.ui.words import WORDS


@dataclass
class Desk:
    """How often a visitor has cleared the conversation: a run that began before must not write."""

    cleared: int = 0

    def clear(self) -> list[Message]:
        """An empty conversation."""
        self.cleared += 1
        return []


class Said(NamedTuple):
    """An answer so far."""

    text: str
    left_out: int = 0
    """How many of the conversation's first messages the model does not see."""
    ahead: int = 0
    """How many requests come before this one while it waits."""


def checked(message: str | None) -> str:
    """The message without surrounding space, with U+FFFD for half a character: a page can send
    that, and no file can hold it.

    Raises:
        InputError: it is empty.
    """
    if not message or not message.strip():
        raise InputError(WORDS.errors.empty_message)
    return message.strip().encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def sent(turns: Sequence[Message], message: str | None) -> list[Message]:
    """The turns with the visitor's next message, in place of an earlier one without an answer.

    Raises:
        InputError: the message is empty.
    """
    answered = turns[:-1] if turns and turns[-1]["role"] == "user" else turns
    return [*answered, Message(role="user", content=checked(message))]


def retried(turns: Sequence[Message]) -> list[Message]:
    """The turns up to the visitor's last message, which is to be answered anew.

    Raises:
        InputError: there is none.
    """
    places = [i for i, turn in enumerate(turns) if turn["role"] == "user"]
    if not places:
        raise InputError(WORDS.errors.nothing_to_retry)
    return list(turns[: places[-1] + 1])


def growing(
    turns: Sequence[Message], answers: Iterable[Said], desk: Desk
) -> Iterator[tuple[list[Message], Said]]:
    """The turns with the answer so far, for each of `answers` and beside it, until the visitor
    clears them; an answer that is blank yet is no turn."""
    begun = desk.cleared
    for said in answers:
        if desk.cleared != begun:
            return
        answer = [Message(role="assistant", content=said.text)] if said.text.strip() else []
        yield [*turns, *answer], said


def from_history(history: Sequence[Mapping[str, Any]]) -> list[Message]:
    """The turns that a caller gives.

    Raises:
        InputError: one is no object.
    """
    if not all(isinstance(turn, Mapping) for turn in history):
        raise InputError(WORDS.errors.history)
    return [Message(role=m.get("role", ""), content=m.get("content", "")) for m in history]


def visitor_messages(turns: Sequence[Message]) -> list[str]:
    """What the visitor wrote, oldest first: what a notice depends on."""
    return [turn["content"] for turn in turns if turn["role"] == "user"]


def fitting(turns: Sequence[Message], excess: Callable[[list[Message]], int]) -> list[Message]:
    """The turns without the oldest questions and their answers, as few of them as need be for the
    rest to fit. A system turn and the newest message stay, also where they alone do not fit.

    Args:
        turns: they end with the visitor's message.
        excess: how many tokens too many there are in some of the turns. It is asked about few
            more turns than fit, however many there are.
    """
    head = list(turns[:1]) if turns[0]["role"] == "system" else []
    said = turns[len(head) :]

    def newest(pairs: int) -> list[Message]:
        return [*head, *said[len(said) - 1 - 2 * pairs :]]

    most = (len(said) - 1) // 2
    few, many = 0, 1  # pairs: the first surely fits, or nothing does
    while many <= most and excess(newest(many)) <= 0:
        few, many = many, 2 * many
    places = range(most + 1)
    too_many = bisect_left(
        places,
        True,
        lo=few + 1,
        hi=min(many, most + 1),
        key=lambda pairs: excess(newest(pairs)) > 0,
    )
    return newest(too_many - 1)
