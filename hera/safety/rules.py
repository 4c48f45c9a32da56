"""red_flags.toml, read once: its signs become regular expressions over `hera.safety.text` text."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Literal, cast

Level = Literal["emergency", "crisis", "none"]
FILE = Path(__file__).with_name("red_flags.toml")
NOTICES = Path(__file__).with_name("notices.toml")
_BETWEEN = r" (?:(?!not )\w+ ){0,3}"  # up to three other words
_NEAR = 240  # characters: some forty words

Sign = tuple[re.Pattern[str], ...]
"""Patterns that must all be found, near each other."""


@dataclass(frozen=True)
class Flag:
    """One red flag; `also` names a notice that is added to its level's."""

    name: str
    level: Level
    signs: tuple[Sign, ...]
    unless: re.Pattern[str] | None
    also: str | None

    def found(self, text: str, denied: list[tuple[int, int]]) -> bool:
        """Whether a sign stands in `text` (from `hera.safety.text`) outside what is denied."""
        return any(self._told(sign, text, denied) for sign in self.signs)

    def _told(self, sign: Sign, text: str, denied: list[tuple[int, int]]) -> bool:
        places = [
            [m.start() for m in part.finditer(text) if not _inside(m.start(), denied)]
            for part in sign
        ]
        return any(
            all(any(abs(other - place) <= _NEAR for other in others) for others in places[1:])
            and not self._excused(text, place)
            for place in places[0]
        )

    def _excused(self, text: str, place: int) -> bool:
        near = text[max(0, place - _NEAR // 2) : place + _NEAR // 2]
        return self.unless is not None and self.unless.search(near) is not None


@dataclass(frozen=True)
class RedFlags:
    """The file: its flags, the spellings it reads as one word, and every word that it knows."""

    flags: tuple[Flag, ...]
    same: Mapping[str, tuple[str, ...]]
    words: frozenset[str]


@cache
def red_flags() -> RedFlags:
    """The file's content, read on the first call."""
    content = tomllib.loads(FILE.read_text(encoding="utf-8"))
    groups: Mapping[str, str] = content["group"]
    signs = [sign for row in content["flag"] for sign in row["signs"]]
    spellings = [text for word, texts in content["same"].items() for text in (word, *texts)]
    vocabulary = " ".join([*groups.values(), *signs, *spellings])
    return RedFlags(
        flags=tuple(_flag(row, groups) for row in content["flag"]),
        same={word: tuple(spellings) for word, spellings in content["same"].items()},
        words=frozenset(re.findall(r"\w+(?![\w*])", vocabulary.replace("_", " "))),
    )


@cache
def notices(language: str) -> Mapping[str, str]:
    """What is said to a visitor, by the name of a flag or a level, in Markdown.

    Raises:
        KeyError: none are written in that language.
    """
    found: Mapping[str, str] = tomllib.loads(NOTICES.read_text(encoding="utf-8"))[language]
    return found


def _flag(row: Mapping[str, Any], groups: Mapping[str, str]) -> Flag:
    unless = row.get("unless")
    return Flag(
        name=row["name"],
        level=cast(Level, row["level"]),
        signs=tuple(
            tuple(re.compile(_either(part, groups)) for part in sign.split(" + "))
            for sign in row["signs"]
        ),
        unless=re.compile(_either(unless, groups)) if unless else None,
        also=row.get("also"),
    )


def _either(phrases: str, groups: Mapping[str, str]) -> str:
    return rf"\b(?:{'|'.join(_phrase(phrase, groups) for phrase in phrases.split('|'))})\b"


def _phrase(phrase: str, groups: Mapping[str, str]) -> str:
    return _BETWEEN.join(_word(word, groups) for word in phrase.split())


def _word(word: str, groups: Mapping[str, str]) -> str:
    if word.startswith("{"):
        return _either(groups[word[1:-1]], groups)
    plain = re.escape(word.replace("_", " ").replace("##", "\0"))
    return plain.replace("\\ ", " ").replace("\0", r"\d{2,}").replace("\\*", r"\w*")


def _inside(place: int, spans: list[tuple[int, int]]) -> bool:
    return any(start <= place < end for start, end in spans)
