"""A conversation: what sending, retrying, editing, going on and undoing make of its turns.

Its state is a list of turns in plain JSON values, a visitor's question and then its answer, the
last of which may be missing. `read` checks such a list and `plain` makes one:

    {"role": "user", "content": TEXT}
    {"role": "assistant", "content": TEXT, "shown": 1, "answers": [ANSWER, ANSWER]}

A question may have been answered several times, by one variant or by more. `shown` is the place of
the answer in sight, whose text is also the turn's `content`. ANSWER is

    {"variant": NAME, "content": TEXT, "seed": 0, "tokens": 48, "seconds": 1.2, "first": 0.1,
     "ended": "stop"}

`seconds` is how long it took and `first` how long until its first token. `ended` says how it ended:
"stop", the model ended its turn; "length", it was cut by its length; "stopped", by the visitor, or
by whatever else came between; "held", no model answered, and what stands there is HERA's own
(`hera.ui.caring`). Only `role` and `content` must be there.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple

from pydantic import ValidationError, model_validator

from hera.errors import InputError
from hera.evaluation.records import Record
from hera.types import Message
from hera.ui.words import WORDS

LONGEST = 100_000
"""Characters of a message: about three times what a window of 8,192 tokens holds."""

Ending = Literal["stop", "length", "stopped", "held"]


class Answer(Record):
    """One answer to a question; the module says what its fields are."""

    variant: str
    content: str
    seed: int = 0
    tokens: int = 0
    seconds: float = 0.0
    first: float = 0.0
    ended: Ending = "stopped"

    @property
    def rate(self) -> float:
        """Tokens a second, the time to the first one included."""
        return self.tokens / self.seconds if self.seconds else 0.0


class Turn(Record):
    """A visitor's question, or the answers to it."""

    role: Literal["user", "assistant"]
    content: str
    shown: int = 0
    answers: tuple[Answer, ...] = ()

    @model_validator(mode="after")
    def _one_is_shown(self) -> Turn:
        if self.answers and not 0 <= self.shown < len(self.answers):
            raise ValueError("no such answer is shown")
        return self

    @property
    def answer(self) -> Answer:
        """The one in sight."""
        if not self.answers:
            return Answer(variant="", content=self.content, ended="stop")
        return self.answers[self.shown]


@dataclass
class Desk:
    """What a visitor's conversation is worked at with. `cleared`: how often it was cleared, or
    another one opened: a run that began before must not write. `unsent`: the message of the last
    run, until it is answered."""

    cleared: int = 0
    unsent: str = ""

    def clear(self) -> list[Turn]:
        """An empty conversation."""
        self.cleared += 1
        self.unsent = ""
        return []


class Said(NamedTuple):
    """An answer so far."""

    text: str
    left_out: int = 0
    """How many of the conversation's first messages the model does not see."""
    ahead: int = 0
    """How many requests come before this one while it waits."""
    tokens: int = 0
    seconds: float = 0.0
    first: float = 0.0
    """When its first token came."""
    finished: str | None = None
    """As `Step` has it, or "held" where no model answers."""
    used: int = 0
    """How many tokens of the model's window are taken, by what was asked and what is answered."""
    window: int = 0
    """How many there are; 0 where nobody knows."""


@dataclass(frozen=True)
class Asked:
    """A question that a variant is to answer.

    Args:
        turns: the conversation; it ends with the question.
        variant: who answers.
        answers: those that the question has already.
        goes_on: whether the answer at `place` is to go on where it was cut.
    """

    turns: tuple[Turn, ...]
    variant: str
    answers: tuple[Answer, ...] = ()
    place: int = 0
    goes_on: bool = False

    @property
    def messages(self) -> list[Message]:
        """What the model is given."""
        begun = self.answers[self.place].content if self.goes_on else ""
        open_turn = [Message(role="assistant", content=begun.rstrip("\ufffd"))] if begun else []
        return [*messages(self.turns), *open_turn]

    @property
    def tries(self) -> int:
        """How often the variant has answered before: each answer is drawn with a seed of its
        own."""
        if self.goes_on:
            return 0
        return sum(answer.variant == self.variant for answer in self.answers)

    @property
    def before(self) -> list[Turn]:
        """The conversation while nothing new is said."""
        return [*self.turns, *([_turn(self.answers, self.place)] if self.answers else [])]

    def after(self, said: Said, seed: int) -> list[Turn]:
        """The conversation with the answer so far; one that is blank yet is none."""
        if not (said.tokens if self.goes_on else said.text.strip()):
            return self.before
        answer = Answer(
            variant="" if said.finished == "held" else self.variant,
            content=said.text,
            seed=seed,
            tokens=said.tokens,
            seconds=said.seconds,
            first=said.first,
            ended=_ending(said.finished),
        )
        if self.goes_on:
            answer = _joined(self.answers[self.place], answer)
            answers = (*self.answers[: self.place], answer, *self.answers[self.place + 1 :])
            return [*self.turns, _turn(answers, self.place)]
        return [*self.turns, _turn((*self.answers, answer), len(self.answers))]


def checked(message: str | None) -> str:
    """The message without surrounding space, with U+FFFD for half a character: a page can send
    that, and no file can hold it.

    Raises:
        InputError: it is empty, or longer than anything that is read here.
    """
    if not message or not message.strip():
        raise InputError(WORDS.errors.empty_message)
    if len(message) > LONGEST:
        raise InputError(WORDS.errors.long.format(name="message", n=len(message), most=LONGEST))
    return message.strip().encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def sent(turns: Sequence[Turn], message: str | None, variant: str) -> Asked:
    """The visitor's next message, in place of an earlier one without an answer.

    Raises:
        InputError: the message is empty.
    """
    answered = turns[:-1] if turns and turns[-1].role == "user" else turns
    return Asked((*answered, Turn(role="user", content=checked(message))), variant)


def retried(turns: Sequence[Turn], variant: str) -> Asked:
    """The visitor's last message, to be answered once more: by whoever answered it, else by
    `variant`.

    Raises:
        InputError: there is none.
    """
    answered = turns[-1].answer.variant if _is_answered(turns) else ""
    return asked_again(turns, answered or variant)


def asked_again(turns: Sequence[Turn], variant: str) -> Asked:
    """The visitor's last message, to be answered by this variant too.

    Raises:
        InputError: there is none.
    """
    place = _last_question(turns)
    last = turns[-1] if _is_answered(turns) else None
    answers = _answers(last) if last else ()
    return Asked(tuple(turns[: place + 1]), variant, answers, last.shown if last else 0)


def gone_on(turns: Sequence[Turn]) -> Asked:
    """The answer in sight, to go on where it was cut or stopped.

    Raises:
        InputError: there is none that was.
    """
    if not _is_answered(turns) or turns[-1].answer.ended in ("stop", "held"):
        raise InputError(WORDS.errors.nothing_to_go_on)
    last = turns[-1]
    variant = last.answer.variant
    return Asked(tuple(turns[:-1]), variant, _answers(last), last.shown, goes_on=True)


def edited(turns: Sequence[Turn], place: int, message: str | None, variant: str) -> Asked:
    """The visitor's message at a place in other words; what came after it goes.

    Raises:
        InputError: the message is empty, or no message of theirs is there.
    """
    if not 0 <= place < len(turns) or turns[place].role != "user":
        raise InputError(WORDS.errors.nothing_to_edit)
    return sent(turns[:place], message, variant)


def undone(turns: Sequence[Turn]) -> tuple[list[Turn], str]:
    """The turns before the visitor's last message, and that message.

    Raises:
        InputError: there is none.
    """
    place = _last_question(turns)
    return list(turns[:place]), turns[place].content


def switched(turns: Sequence[Turn], shown: int) -> list[Turn]:
    """The turns with another of the last question's answers in sight; without one at that place
    they stay as they are."""
    if not _is_answered(turns) or not 0 <= shown < len(turns[-1].answers):
        return list(turns)
    return [*turns[:-1], _turn(turns[-1].answers, shown)]


def growing(
    asked: Asked, said: Iterable[Said], desk: Desk, seed: int
) -> Iterator[tuple[list[Turn], Said]]:
    """The conversation with the answer so far, and beside it each of `said`, until the visitor
    clears it."""
    begun = desk.cleared
    for each in said:
        if desk.cleared != begun:
            return
        yield asked.after(each, seed), each


def read(saved: Any) -> list[Turn]:
    """A conversation from plain values, whoever kept them.

    Raises:
        InputError: they are none.
    """
    try:
        turns = [Turn.of(turn) for turn in saved]
    except (TypeError, ValueError, ValidationError) as error:
        raise InputError(WORDS.errors.conversation) from error
    if any(turn.role != ("user", "assistant")[place % 2] for place, turn in enumerate(turns)):
        raise InputError(WORDS.errors.conversation)
    return turns


def plain(turns: Sequence[Turn]) -> list[dict[str, Any]]:
    """A conversation as plain values."""
    return [turn.plain() for turn in turns]


def messages(turns: Sequence[Turn]) -> list[Message]:
    """What was said, as a model reads it."""
    return [Message(role=turn.role, content=turn.content) for turn in turns]


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


def _turn(answers: tuple[Answer, ...], shown: int) -> Turn:
    content = answers[shown].content
    return Turn(role="assistant", content=content, shown=shown, answers=answers)


def _answers(turn: Turn) -> tuple[Answer, ...]:
    return turn.answers or (turn.answer,)


def _joined(begun: Answer, more: Answer) -> Answer:
    """An answer and what came when it went on: of white space at its end the model saw nothing,
    and may have written it again."""
    said = begun.content.rstrip("\ufffd")
    if more.content[:1].isspace():
        said = said.rstrip()
    return begun.model_copy(
        update={
            "content": said + more.content,
            "tokens": begun.tokens + more.tokens,
            "seconds": begun.seconds + more.seconds,
            "ended": more.ended,
        }
    )


def _ending(finished: str | None) -> Ending:
    if finished == "stop":
        return "stop"
    if finished == "held":
        return "held"
    return "length" if finished == "length" else "stopped"


def _is_answered(turns: Sequence[Turn]) -> bool:
    return bool(turns) and turns[-1].role == "assistant"


def _last_question(turns: Sequence[Turn]) -> int:
    places = [place for place, turn in enumerate(turns) if turn.role == "user"]
    if not places:
        raise InputError(WORDS.errors.nothing_to_retry)
    return places[-1]
