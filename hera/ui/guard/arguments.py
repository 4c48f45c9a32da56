"""What callers of the named endpoints may give: one rule an argument, looked at before any work."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from hera.errors import InputError
from hera.ui.conversation import LONGEST
from hera.ui.errors import Handler, clear_errors
from hera.ui.words import WORDS

LONGEST_ALL = 2_000_000
"""Of all texts of a call together: 500 prompts with an abstract each."""
MOST_TURNS = 1_000
MOST_NAMES = 16
"""Variants of one call: as many rows work side by side."""
MOST_ITEMS = 2_000
"""Trials of one call: four browsers full."""
HIGHEST_SEED = 2**53 - 1
"""What a browser's numbers hold exactly."""

_LONGEST_NAME = 200
_LONGEST_LABEL = 2_000

Rule = Callable[[str, Any], Any]
"""(the argument's name, what was given) -> what is used; InputError says what is wrong."""


def takes_checked(handler: Handler) -> Handler:
    """A named endpoint: its arguments are what `RULES` says, or one line says which is not. What is
    None counts as left out, where there is a default. A HeraError reaches the caller as a line.

    Raises:
        KeyError: the handler has an argument without a rule.
    """
    signature = inspect.signature(handler)
    rules = {name: RULES[name] for name in signature.parameters if name != "request"}

    @functools.wraps(handler)
    def called(*args: Any, **kwargs: Any) -> Iterator[Any]:
        given = signature.bind(*args, **kwargs)
        given.apply_defaults()
        for name, rule in rules.items():
            value, default = given.arguments[name], signature.parameters[name].default
            left_out = value is None and default is not inspect.Parameter.empty
            given.arguments[name] = default if left_out else rule(name, value)
        yield from handler(*given.args, **given.kwargs)

    return clear_errors(called)


def whole(name: str, value: Any) -> int:
    """A whole number, which JSON may write as 3.0.

    Raises:
        InputError: it is none.
    """
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if not isinstance(value, int) or isinstance(value, bool):
        raise InputError(WORDS.errors.whole.format(name=name))
    return value


def number(name: str, value: Any) -> float:
    """A number.

    Raises:
        InputError: it is none, or larger than any that is kept exactly.
    """
    if not isinstance(value, int | float) or isinstance(value, bool) or abs(value) > HIGHEST_SEED:
        raise InputError(WORDS.errors.number.format(name=name))
    return float(value)


def seed(name: str, value: Any) -> int:
    """A whole number that every random generator takes.

    Raises:
        InputError: it is none.
    """
    found = whole(name, value)
    if not 0 <= found <= HIGHEST_SEED:
        raise InputError(WORDS.errors.seed.format(name=name, most=HIGHEST_SEED))
    return found


def _text(most: int) -> Rule:
    def rule(name: str, value: Any) -> str:
        if not isinstance(value, str):
            raise InputError(WORDS.errors.text.format(name=name))
        if len(value) > most:
            raise InputError(WORDS.errors.long.format(name=name, n=len(value), most=most))
        return value

    return rule


def _texts(most: int, longest: int) -> Rule:
    one = _text(longest)

    def rule(name: str, value: Any) -> list[str]:
        if not isinstance(value, list) or not all(isinstance(text, str) for text in value):
            raise InputError(WORDS.errors.texts.format(name=name))
        if len(value) > most:
            raise InputError(WORDS.errors.many.format(name=name, n=len(value), most=most))
        return [one(name, text) for text in value]

    return rule


def _variants(name: str, value: Any) -> list[str]:
    names: list[str] = _texts(MOST_NAMES, _LONGEST_NAME)(name, value)
    if len(set(names)) < len(names):
        raise InputError(WORDS.errors.twice.format(name=name))
    return names


def _turns(name: str, value: Any) -> list[dict[str, Any]]:
    if not isinstance(value, list):
        raise InputError(WORDS.errors.history)
    if len(value) > MOST_TURNS:
        raise InputError(WORDS.errors.many.format(name=name, n=len(value), most=MOST_TURNS))
    for turn in value:
        if not isinstance(turn, dict) or not isinstance(turn.get("role", ""), str):
            raise InputError(WORDS.errors.history)
    # What is no text is told by its place in the conversation, when that is rendered.
    texts = [turn.get("content", "") for turn in value]
    _check_letters(name, sum(len(t) for t in texts if isinstance(t, str)), 2 * LONGEST)
    return value


def _prompts(name: str, value: Any) -> Any:
    """Texts and conversations; how many, and of which kind, the endpoint says itself."""
    for one in value if isinstance(value, list) else []:
        _turns(name, one) if isinstance(one, list) else None
    letters = sum(len(t) for t in _all_texts(value))
    _check_letters(name, letters, LONGEST_ALL)
    return value


def _all_texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    for one in value if isinstance(value, list) else []:
        yield from _all_texts(one)
    for one in value.values() if isinstance(value, dict) else []:
        yield from _all_texts(one)


def _check_letters(name: str, letters: int, most: int) -> None:
    if letters > most:
        raise InputError(WORDS.errors.long.format(name=name, n=letters, most=most))


def _object(name: str, value: Any) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise InputError(WORDS.errors.object.format(name=name))
    return value


def _trials(name: str, value: Any) -> Any:
    """A list of them, or one; what each must be the endpoint says itself."""
    if isinstance(value, list) and len(value) > MOST_ITEMS:
        raise InputError(WORDS.errors.many.format(name=name, n=len(value), most=MOST_ITEMS))
    return value


def _yes_or_no(name: str, value: Any) -> bool:
    if not isinstance(value, bool):
        raise InputError(WORDS.errors.yes_or_no.format(name=name))
    return value


RULES: Mapping[str, Rule] = {
    **dict.fromkeys(("message", "text", "answer", "abstract", "question"), _text(LONGEST)),
    **dict.fromkeys(("variant", "vote", "guess"), _text(_LONGEST_NAME)),
    **dict.fromkeys(("max_new_tokens", "questions", "draws", "place", "top", "step"), whole),
    **dict.fromkeys(("temperature", "top_p"), number),
    **dict.fromkeys(("comparison", "answers"), _object),
    "country": _text(_LONGEST_NAME),
    "details": _yes_or_no,
    "seed": seed,
    "variants": _variants,
    "labels": _texts(64, _LONGEST_LABEL),
    "history": _turns,
    "prompts": _prompts,
    "trials": _trials,
}
"""What an argument of that name must be, at whatever endpoint."""
