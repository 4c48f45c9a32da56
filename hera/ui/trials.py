"""Blind trials: two answers without names, what was voted and guessed, and what a browser keeps."""

from __future__ import annotations

import json
import random
from collections.abc import Sequence
from itertools import combinations
from typing import Any, Literal, get_args

from pydantic import ValidationError, model_validator

from hera.errors import InputError
from hera.evaluation.records import Record
from hera.types import BASE, GenerationParams, Message
from hera.ui.conversation import checked
from hera.ui.words import WORDS

SETTINGS = GenerationParams(max_new_tokens=256, temperature=0.7, top_p=0.95)
"""Of every trial, so that trials can be counted together; each side has a seed of its own."""
TWINS = 0.25
"""The share of trials that show one variant twice: what is preferred in these is luck."""
CHANCE = (1 - TWINS) / 2
"""How often a guess is right that is made without reading: always saying the same side."""
LESSON = 5
"""After so many trials a visitor is asked again what was asked before the first."""
MOST = 500
"""Trials that a browser keeps: about half of what browsers allow a page."""

Vote = Literal["a", "b", "same", "unclear"]
Guess = Literal["a", "b", "twin"]
Change = Literal["care", "asks", "condition", "longer", "shorter", "other"]
VOTES: tuple[Vote, ...] = get_args(Vote)
GUESSES: tuple[Guess, ...] = get_args(Guess)
CHANGES: tuple[Change, ...] = get_args(Change)
SIDES = ("a", "b")


class Side(Record):
    """One answer: whose, with which seed, and as it was said, names and all."""

    variant: str
    seed: int
    text: str = ""

    @property
    def words(self) -> int:
        """How many."""
        return len(self.text.split())


class Trial(Record):
    """Two answers to one question, the side A first. `pair` are the two variants of which it was
    drawn, in the order in which they are served; the answers are of both, or twice of one."""

    model: str
    question: str
    pair: tuple[str, str]
    sides: tuple[Side, Side]
    max_new_tokens: int = SETTINGS.max_new_tokens
    temperature: float = SETTINGS.temperature
    top_p: float = SETTINGS.top_p
    vote: Vote | None = None
    """The side that is better; None: not yet."""
    guess: Guess | None = None
    """Which side is the pair's second variant; None: there was no guess."""
    changed: tuple[Change, ...] = ()
    """What the visitor thinks is different about it."""

    @model_validator(mode="after")
    def _of_the_pair(self) -> Trial:
        if not {side.variant for side in self.sides} <= set(self.pair):
            raise ValueError("the sides are not of the pair")
        return self

    @property
    def is_twin(self) -> bool:
        """Whether both are answers of the same variant."""
        return self.sides[0].variant == self.sides[1].variant

    @property
    def drawn_as(self) -> tuple[object, ...]:
        """What tells it from every other trial."""
        return self.question, *((side.variant, side.seed) for side in self.sides)

    @property
    def asked(self) -> list[Message]:
        """The conversation that both answer."""
        return [Message(role="user", content=self.question)]

    @property
    def answer(self) -> str:
        """What the guess should have been."""
        return "twin" if self.is_twin else SIDES[self._place(self.pair[1])]

    @property
    def preferred(self) -> str | None:
        """The variant that was voted better; None where none was, or between twins."""
        decided = self.vote in SIDES and not self.is_twin
        return self.sides[SIDES.index(str(self.vote))].variant if decided else None

    @property
    def lengths(self) -> tuple[int, int] | None:
        """How many words the base's answer and the adapted one's have; None of another pair, or
        where no answers were given."""
        if self.is_twin or self.pair[0] != BASE or not any(side.text for side in self.sides):
            return None
        first, second = (self.sides[self._place(name)].words for name in self.pair)
        return first, second

    def said(self, texts: Sequence[str]) -> Trial:
        """The same with these answers."""
        a, b = (
            side.model_copy(update={"text": text})
            for side, text in zip(self.sides, texts, strict=True)
        )
        return self.model_copy(update={"sides": (a, b)})

    def _place(self, variant: str) -> int:
        return [side.variant for side in self.sides].index(variant)


class Opinions(Record):
    """What a visitor thinks: whether one can tell which of two answers is fine-tuned, and what
    fine-tuning does to their length."""

    tell: Literal["rarely", "mostly", "always"] | None = None
    length: Literal["longer", "shorter", "neither", "unknown"] | None = None

    def with_others(self, other: Opinions) -> Opinions:
        """The same with what was answered elsewhere."""
        said = {name: value for name, value in other.plain().items() if value is not None}
        return self.model_copy(update=said)

    @property
    def is_whole(self) -> bool:
        """Whether both questions are answered."""
        return self.tell is not None and self.length is not None


class Kept(Record):
    """All that a browser keeps."""

    trials: tuple[Trial, ...] = ()
    before: Opinions = Opinions()
    after: Opinions = Opinions()

    def check_room(self) -> None:
        """Raises InputError unless there is room for one more trial."""
        if len(self.trials) >= MOST:
            raise InputError(WORDS.blind.full.format(most=MOST))

    def with_trial(self, trial: Trial) -> Kept:
        """The same with one more."""
        return self.model_copy(update={"trials": (*self.trials, trial)})

    def with_others(self, other: Kept) -> Kept:
        """The same with the trials that another tab has and this one lacks, as many as there is
        room for, and with what was answered there."""
        known = {trial.drawn_as for trial in self.trials}
        new = [trial for trial in other.trials if trial.drawn_as not in known]
        changed: dict[str, Any] = {"trials": (*self.trials, *new)[:MOST]} if new else {}
        changed |= {
            when: getattr(self, when).with_others(said)
            for when, said in (("before", other.before), ("after", other.after))
            if said != Opinions()
        }
        return self.model_copy(update=changed)


def read(kept: object) -> Kept:
    """What a browser has kept, as `Record.plain` made it; nothing yet is {}.

    Raises:
        InputError: it is something else.
    """
    try:
        return Kept.model_validate_json(json.dumps(kept or {}))
    except ValidationError as error:
        raise InputError(WORDS.blind.unreadable) from error


def pairs(variants: Sequence[str]) -> dict[str, tuple[str, str]]:
    """A key of each pair of variants -> the pair; none where there is only one."""
    return {f"{one}+{other}": (one, other) for one, other in combinations(variants, 2)}


def usual_pair(variants: Sequence[str]) -> str | None:
    """The key of the base with the last adapter; None where there is only one variant."""
    ends = {key: pair for key, pair in pairs(variants).items() if pair[0] == variants[0]}
    return list(ends)[-1] if ends else None


def key_of(pair: Sequence[str], variants: Sequence[str]) -> str | None:
    """The key of a pair, in whatever order it is given; None of none, which draws any.

    Raises:
        InputError: these are no two of the variants.
    """
    if not pair:
        return None
    wanted = set(pair)
    found = [key for key, two in pairs(variants).items() if set(two) == wanted]
    if not found or len(pair) != 2:
        raise InputError(WORDS.blind.two_of.format(variants=", ".join(variants)))
    return found[0]


def drawn(
    model: str, message: str, key: str | None, variants: Sequence[str], dice: random.Random
) -> Trial:
    """A trial without answers yet.

    Args:
        model: what the base is called.
        message: the visitor's.
        key: of a pair, as in `pairs`; anything else draws one at random.
        variants: those that are served.
        dice: what decides who is on which side, with which seed, and whether they are twins.

    Raises:
        InputError: the message is empty, or there is only one variant.
    """
    found = pairs(variants)
    if not found:
        raise InputError(WORDS.blind.no_pair)
    pair = found[key] if key in found else dice.choice(list(found.values()))
    shown = [dice.choice(pair)] * 2 if dice.random() < TWINS else dice.sample(pair, 2)
    one, other = dice.sample(range(2**31), 2)
    sides = (Side(variant=shown[0], seed=one), Side(variant=shown[1], seed=other))
    return Trial(model=model, question=checked(message), pair=pair, sides=sides)


def voted(
    trial: Trial | None, vote: str | None, guess: str | None, changed: Sequence[str]
) -> Trial:
    """The trial with what the visitor says of it.

    Raises:
        InputError: there is no trial to vote on, or no vote.
    """
    if trial is None or trial.vote is not None:
        raise InputError(WORDS.blind.nothing_to_vote)
    if vote not in VOTES:
        raise InputError(WORDS.blind.no_vote)
    said = {
        "vote": vote,
        "guess": guess if guess in GUESSES else None,
        "changed": tuple(c for c in CHANGES if c in changed),
    }
    return trial.model_copy(update=said)
