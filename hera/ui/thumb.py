"""What a visitor says of an answer: a thumb up or down, why, and in their own words."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal, get_args

from pydantic import ValidationError

from hera.errors import InputError
from hera.evaluation.records import Record
from hera.ui.conversation import Turn
from hera.ui.words import WORDS

Reason = Literal["helpful", "clear", "wrong", "harmful", "off_topic", "too_long", "other"]
GOOD: tuple[Reason, ...] = ("helpful", "clear", "other")
BAD: tuple[Reason, ...] = tuple(reason for reason in get_args(Reason) if reason not in GOOD[:2])
MOST = 2_000
"""Characters of a visitor's own words."""


class Thumb(Record):
    """A thumb for one answer, and the question that it answers; of the rest of the conversation
    nothing, and nothing of who said it, from where, or when."""

    model: str
    question: str
    variant: str
    answer: str
    seed: int
    ended: str
    turn: int
    """The how-manieth question of its conversation, from 1."""
    up: bool
    reasons: tuple[Reason, ...] = ()
    words: str = ""


def thumb_for(model: str, turns: Sequence[Turn], place: int, *, up: bool) -> Thumb:
    """One for the answer at a place.

    Raises:
        InputError: there is none.
    """
    if not 0 < place < len(turns) or turns[place].role != "assistant":
        raise InputError(WORDS.chat.thumbs.nothing)
    answer = turns[place].answer
    return Thumb(
        model=model,
        question=turns[place - 1].content,
        variant=answer.variant,
        answer=answer.content,
        seed=answer.seed,
        ended=answer.ended,
        turn=(place + 1) // 2,
        up=up,
    )


def explained(thumb: Thumb, reasons: Sequence[Any], words: str | None) -> Thumb:
    """The same with its reasons.

    Raises:
        InputError: a reason that there is not.
    """
    more = {"reasons": tuple(reasons), "words": (words or "").strip()[:MOST]}
    try:
        return Thumb.of({**thumb.plain(), **more})
    except ValidationError as error:
        raise InputError(WORDS.chat.thumbs.nothing) from error
