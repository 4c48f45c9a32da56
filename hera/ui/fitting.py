"""What of a conversation a model can read, and how much of its window that takes."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Sequence

from hera.types import Engine, Message


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


_MOST = 10_000_000  # tokens: whoever claims a larger window does not know it


def taken(engine: Engine, turns: Sequence[Message], variant: str) -> tuple[int, int]:
    """How many tokens of a variant's window a conversation takes, and how many there are; 0 and 0
    where the engine cannot tell.

    Raises:
        InputError: an unknown variant, an empty conversation.
    """
    if "render" in engine.unsupported:
        return 0, 0
    used = len(engine.render(turns, variant))
    window = used - engine.excess(turns, 0, [variant])
    return (min(used, window), window) if 0 < window < _MOST else (0, 0)
