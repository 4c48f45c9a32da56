"""How a visitor looks at a comparison: what the buttons on its columns make of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from hera.errors import InputError
from hera.explain.comparison import Comparison
from hera.explain.kept import MOST_COLUMNS
from hera.types import Message
from hera.ui.conversation import checked
from hera.ui.words import WORDS


@dataclass(frozen=True)
class View:
    """`wide` and `picked` are variants; `why`: whether tokens are coloured."""

    wide: str = ""
    picked: str = ""
    why: bool = False


def after(action: Mapping[str, Any], names: Sequence[str], view: View) -> tuple[list[str], View]:
    """The columns' variants and the view after a button; what is no button changes nothing."""
    variant, act = str(action.get("variant", "")), action.get("act")
    columns = list(names)
    if variant not in columns:
        return columns, view
    place = columns.index(variant)
    if act == "remove":
        columns.remove(variant)
    elif act in ("left", "right"):
        other = place + (1 if act == "right" else -1)
        if 0 <= other < len(columns):
            columns[place], columns[other] = columns[other], columns[place]
    elif act == "wide":
        view = replace(view, wide="" if view.wide == variant else variant)
    elif act == "pick":
        view = replace(view, picked="" if view.picked == variant else variant)
    return columns, view


def chosen(names: Sequence[str]) -> list[str]:
    """The variants that were chosen, each once.

    Raises:
        InputError: none, or more than there is room for.
    """
    found = list(dict.fromkeys(name.strip() for name in names if name.strip()))
    if not 1 <= len(found) <= MOST_COLUMNS:
        raise InputError(WORDS.compare.how_many.format(most=MOST_COLUMNS))
    return found


def requests(
    message: str, names: Sequence[str], before: Comparison | None, picked: str
) -> dict[str, list[Message]]:
    """What every column is asked: the message alone, or after the conversation before it, each
    column's own, or, where one was picked, that one's for all.

    Raises:
        InputError: the message is empty, or so many columns are none.
    """
    turn = Message(role="user", content=checked(message))
    earlier = before.column(picked) if before is not None and picked else None
    found = {}
    for name in chosen(names):
        column = earlier or (before.column(name) if before is not None else None)
        found[name] = [*(column.whole if column is not None and column.text else []), turn]
    return found
