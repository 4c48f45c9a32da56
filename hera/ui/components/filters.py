"""Which of the scored items the table lists, by what variants made of them and by words."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

from hera.evaluation.scoring import Scored
from hera.types import BASE
from hera.ui.words import WORDS

ALL = "all"

T = TypeVar("T")


def filter_choices(variants: Sequence[str]) -> list[tuple[str, str]]:
    """What these variants' answers can be filtered by: (text, value)."""
    words = WORDS.filters
    choices = [(words.all, ALL)]
    if len(variants) > 1:
        choices += [(words.all_right, "right"), (words.all_wrong, "wrong")]
    if len(variants) > 1 and BASE in variants:
        choices += [(words.changed, "changed"), (words.gained, "gained"), (words.lost, "lost")]
    for name in variants:
        choices += [
            (words.right.format(variant=name), f"right {name}"),
            (words.wrong.format(variant=name), f"wrong {name}"),
        ]
        if len(variants) > 1:
            choices.append((words.only.format(variant=name), f"only {name}"))
    return choices


def filtered(
    rows: Sequence[tuple[T, Scored]], chosen: str, search: str, text: Callable[[T], str]
) -> list[tuple[T, Scored]]:
    """The rows that a filter keeps, in whose `text` every word of a search occurs."""
    kind, _, variant = chosen.partition(" ")
    keeps, wanted = _KEEPS[kind], search.casefold().split()

    def holds(item: T) -> bool:
        whole = text(item).casefold() if wanted else ""
        return all(word in whole for word in wanted)

    return [(item, scored) for item, scored in rows if keeps(scored, variant) and holds(item)]


def _right(scored: Scored) -> set[str]:
    return {name for name, answer in scored.pred.items() if answer == scored.gold}


def _changed(scored: Scored) -> bool:
    """Whether any variant's answer is another than the base's."""
    return any(answer != scored.pred[BASE] for answer in scored.pred.values())


_KEEPS: dict[str, Callable[[Scored, str], bool]] = {
    ALL: lambda _, __: True,
    "right": lambda s, name: name in _right(s) if name else len(_right(s)) == len(s.pred),
    "wrong": lambda s, name: name not in _right(s) if name else not _right(s),
    "changed": lambda s, _: _changed(s),
    "gained": lambda s, _: BASE not in _right(s) and bool(_right(s)),
    "lost": lambda s, _: BASE in _right(s) and len(_right(s)) < len(s.pred),
    "only": lambda s, name: _right(s) == {name},
}
