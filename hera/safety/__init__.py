"""What a visitor's message needs before any model answers it: red flags, by rules alone.

The rules are words in `red_flags.toml`. They see wording, not meaning: they miss what is put in
other words and raise alarms that a person would not. They replace no triage; `benchmarks.safety`
says how often they are wrong on this project's own scenarios.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from hera.safety.rules import Flag, Level, notices, red_flags
from hera.safety.text import denied, happening, plain

_LONGEST = 6_000  # characters looked at, from either end: no message makes this slow


@dataclass(frozen=True)
class Assessment:
    """`level` is the most urgent of the flags' levels; `notice` is Markdown, "" if none is due, and
    `parts` are the names of what it says, in its order: "emergency", "crisis", "poisoning", ..."""

    level: Level
    flags: tuple[str, ...]
    notice: str
    parts: tuple[str, ...]


def assess(text: str, language: str = "en") -> Assessment:
    """The red flags in one message, which is read as English; the notice is in `language` ("en" or
    "es").

    An emergency outranks a crisis; the notice then speaks of both. Dose questions, demands for a
    diagnosis and the like leave the level at "none" but have a flag and a notice.
    """
    rules = red_flags()
    if len(text) > 2 * _LONGEST:
        text = f"{text[:_LONGEST]}\n{text[-_LONGEST:]}"
    sentences = plain(text, rules.same, rules.words)
    whole, now = " . ".join(sentences), happening(sentences)
    not_now = denied(now)
    flags = [
        flag
        for flag in rules.flags
        # Asking about a dose in general is asking about a dose.
        if (flag.found(whole, []) if flag.level == "none" else flag.found(now, not_now))
    ]
    levels = {flag.level for flag in flags}
    level: Level = (
        "emergency" if "emergency" in levels else "crisis" if "crisis" in levels else "none"
    )
    parts, texts = _parts(flags), notices(language)
    notice = "\n\n".join(texts[name] for name in parts)
    return Assessment(level, tuple(flag.name for flag in flags), notice, parts)


def assess_conversation(messages: Sequence[str], language: str = "en") -> Assessment:
    """What a visitor's messages, oldest first, need: an emergency or a crisis told of earlier
    stands until a later one takes its place; without one the last message decides."""
    if not messages:
        return assess("", language)
    assessed = (assess(text, language) for text in reversed(messages))
    urgent = (found for found in assessed if found.level != "none")
    return next(urgent, None) or assess(messages[-1], language)


def _parts(flags: Sequence[Flag]) -> tuple[str, ...]:
    urgent = [flag for flag in flags if flag.level != "none"]
    # Beside an emergency or a crisis the smaller notices would only be in its way.
    names = [flag.level for flag in urgent] if urgent else [flag.name for flag in flags]
    names += [flag.also for flag in urgent if flag.also]
    order = ("emergency", "crisis")
    unique = sorted(dict.fromkeys(names), key=lambda n: order.index(n) if n in order else 2)
    return tuple(unique)


def with_notice(notice: str, answer: str) -> str:
    """The notice, if there is one, and under it the answer: what a caller without a screen gets."""
    return f"{notice}\n\n{answer}" if notice else answer
