"""Phrasings: lists in the data files, with alternatives in them, and which of them are held out.

`[was|were]` stands for one of its alternatives, `{slot}` for a word of the study or the patient.
The last fifth of every list of four or more is kept for the held-out phrasings.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from random import Random
from typing import Any

WORLD = Path(__file__).parent / "world"
_ALTERNATIVES = re.compile(r"\[([^\[\]]*\|[^\[\]]*)\]")
_SPACES = re.compile(r" {2,}")
_BEFORE_STOP = re.compile(r" +([.,;:?)])")
_NAMES = ("s", "t", "o", "name", "called", "name2")  # the slots that a verb may stand behind
_SINGULAR = ("ss", "us", "is", "diabetes", "measles", "mumps", "shingles", "scabies", "herpes")
_PLURAL_VERBS = {"is": "are", "was": "were", "has": "have", "does": "do"}


@cache
def read_world(name: str) -> dict[str, Any]:
    """A data file of the small world, or all files of a folder, by their names."""
    path = WORLD / name
    if path.is_dir():
        return {p.stem: tomllib.loads(p.read_text("utf-8")) for p in sorted(path.glob("*.toml"))}
    return tomllib.loads(path.with_suffix(".toml").read_text(encoding="utf-8"))


def phrasings(items: Sequence[str], held_out: bool) -> Sequence[str]:
    """The last fifth (at least one) of a list of four or more if held out, else what is before."""
    if len(items) < 4:
        return items
    first = len(items) - max(1, len(items) // 5)
    return items[first:] if held_out else items[:first]


def say(rng: Random, items: Sequence[str], slots: Mapping[str, Any], held_out: bool = False) -> str:
    """One phrasing with its alternatives chosen and its slots filled, a capital at the start."""
    text = _ALTERNATIVES.sub(
        lambda match: rng.choice(match[1].split("|")), rng.choice(phrasings(items, held_out))
    )
    text = tidy(text.format(**slots))
    for name in _NAMES:
        text = agreed(text, str(slots.get(name, "")))
    return sentence(text)


def agreed(text: str, term: str) -> str:
    """With "are" for "is" and the like behind a plural term, which a phrasing cannot foresee."""
    if not term.endswith("s") or term.endswith(_SINGULAR):
        return text
    behind = re.compile(rf"({re.escape(term)},? (?:which )?)({'|'.join(_PLURAL_VERBS)})\b", re.I)
    return behind.sub(lambda match: match[1] + _PLURAL_VERBS[match[2]], text)


def tidy(text: str) -> str:
    """Without the double spaces of an empty alternative; "not to smoke" for "to do not smoke"."""
    text = text.replace(" to do not ", " not to ")
    return _BEFORE_STOP.sub(r"\1", _SPACES.sub(" ", text)).strip()


def sentence(text: str) -> str:
    """With a capital at the start."""
    return text[:1].upper() + text[1:]


def listed(items: Sequence[str], word: str) -> str:
    """ "a, b and c", the word before the last being `word`."""
    return f"{', '.join(items[:-1])} {word} {items[-1]}" if len(items) > 1 else items[0]
