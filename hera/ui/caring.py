"""What a visitor's messages call for, in their language and country; and what keeps the models from
answering where an answer is held back."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from hera.safety.care import Care, care
from hera.types import GenerationParams, Message, Step
from hera.ui.conversation import Said, visitor_messages
from hera.ui.country import country
from hera.ui.language import language
from hera.ui.running import Answer, Rates, Steps

HELD = "held"
"""How an answer ended that no model gave."""


def cared(turns: Sequence[Message], where: str | None = None) -> Care:
    """What the visitor's messages in a conversation call for; `where`: the country, by the browser
    where it is None."""
    return care(visitor_messages(turns), language(), country() if where is None else where)


def cared_message(message: str, where: str | None = None) -> Care:
    """The same of one message."""
    return cared([Message(role="user", content=message)], where)


def holding(answer: Answer) -> Answer:
    """`answer`, which no model gives where it is held back: what stands in its place is there at
    once, whether or not a model is."""

    def held(
        turns: list[Message], variant: str, params: GenerationParams, visitor: str
    ) -> Iterator[Said]:
        text = cared(turns).held
        if text:
            yield Said(text, finished=HELD)
        else:
            yield from answer(turns, variant, params, visitor)

    return held


def holding_steps(steps: Steps) -> Steps:
    """The same of many variants' answers: all are held back where one of their conversations calls
    for it."""

    def held(
        asked: Mapping[str, list[Message]], params: GenerationParams, visitor: str
    ) -> Iterator[tuple[Step, Rates]]:
        text = held_text(asked)
        if text:
            yield held_step(list(asked), text), dict.fromkeys(asked, 0.0)
        else:
            yield from steps(asked, params, visitor)

    return held


def held_text(asked: Mapping[str, Sequence[Message]]) -> str:
    """What stands in the place of these answers; "" where the models answer."""
    told = dict.fromkeys(tuple(visitor_messages(turns)) for turns in asked.values())
    return next(filter(None, (care(each, language(), country()).held for each in told)), "")


def held_step(variants: Sequence[str], text: str) -> Step:
    """The only step of answers that are held back."""
    return Step(
        dict.fromkeys(variants, text),
        dict.fromkeys(variants, 0),
        dict.fromkeys(variants, HELD),
        0.0,
    )
