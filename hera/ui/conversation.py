"""A conversation: what sending, retrying and clearing make of its turns, and how they are shown."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from hera.errors import InputError
from hera.types import Message
from hera.ui.components.safe_text import safe
from hera.ui.words import WORDS


@dataclass
class Desk:
    """How often a visitor has cleared the conversation: a run that began before must not write."""

    cleared: int = 0

    def clear(self) -> list[Message]:
        """An empty conversation."""
        self.cleared += 1
        return []


def checked(message: str | None) -> str:
    """The message without surrounding space.

    Raises:
        InputError: it is empty.
    """
    if not message or not message.strip():
        raise InputError(WORDS.errors.empty_message)
    return message.strip()


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


def growing(turns: Sequence[Message], texts: Iterable[str], desk: Desk) -> Iterator[list[Message]]:
    """The turns with the answer so far, for each of its `texts`, until the visitor clears them; an
    answer that is blank yet is no turn."""
    begun = desk.cleared
    for text in texts:
        if desk.cleared != begun:
            return
        answer = [Message(role="assistant", content=text)] if text.strip() else []
        yield [*turns, *answer]


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


def shown(turns: Sequence[Message]) -> list[dict[str, str]]:
    """The turns as the page's log takes them, safe to render."""
    return [{"role": turn["role"], "content": safe(turn["content"])} for turn in turns]
