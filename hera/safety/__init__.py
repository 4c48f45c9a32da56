"""What a visitor's message needs before any model answers it, by two detectors: either may raise
the notice, but for a rule's alarm at a message that the learned one is all but sure is harmless.

The rules (`red_flags.toml`) are words of English. The learned detector (`learned.py`) reads English
and Spanish, and finds what is put in other words. Both see wording, not meaning: they miss
emergencies and raise alarms that a person would not. They replace no triage;
`benchmarks.safety.messages` says how often they are wrong.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from hera.safety.details import readings
from hera.safety.learned import Found, classes, detector
from hera.safety.rules import Flag, Level, notices, red_flags
from hera.safety.text import denied, happening, plain

_DOUBTED = 0.1  # with less danger a rule is wrong: benchmarks/README.md has what was weighed
_LONGEST = 6_000  # characters looked at, from either end: no message makes this slow


@dataclass(frozen=True)
class Assessment:
    """`level` is the most urgent of what was found; `flags` are the rules' names; `learned` is what
    the other detector makes of the message, None where it cannot be had; `notice` is Markdown, ""
    if none is due, and `parts` are the names of what it says, in its order: "emergency", "crisis",
    "poisoning", ..."""

    level: Level
    flags: tuple[str, ...]
    learned: Found | None
    notice: str
    parts: tuple[str, ...]


def assess(text: str, language: str = "en") -> Assessment:
    """What one message calls for; the notice is in `language` ("en" or "es").

    An emergency outranks a crisis; the notice then speaks of both. Dose questions, demands for a
    diagnosis and the like leave the level at "none" but have a flag and a notice. A method, a dose,
    a child or a time in a message lowers no level, see `details.py`.
    """
    if len(text) > 2 * _LONGEST:
        text = f"{text[:_LONGEST]}\n{text[-_LONGEST:]}"
    told = list(readings(text))
    reads = detector()
    learned = reads.found(told) if reads and text.strip() else None
    flags = _flags(told)
    if learned and learned.danger < _DOUBTED:
        flags = [flag for flag in flags if flag.level == "none"]
    levels = {flag.level for flag in flags} | ({learned.level} if learned else set())
    level: Level = (
        "emergency" if "emergency" in levels else "crisis" if "crisis" in levels else "none"
    )
    parts, texts = _parts(flags, learned), notices(language)
    notice = "\n\n".join(texts[name] for name in parts)
    return Assessment(level, tuple(flag.name for flag in flags), learned, notice, parts)


def _flags(told: Sequence[str]) -> list[Flag]:
    """Those of any reading; what is not urgent only of the message as it is."""
    found = {flag.name for flag in _flags_of(told[0])}
    for reading in told[1:]:
        found |= {flag.name for flag in _flags_of(reading) if flag.level != "none"}
    return [flag for flag in red_flags().flags if flag.name in found]


def _flags_of(text: str) -> Iterable[Flag]:
    rules = red_flags()
    sentences = plain(text, rules.same, rules.words)
    whole, now = " . ".join(sentences), happening(sentences)
    not_now = denied(now)
    return (
        flag
        for flag in rules.flags
        # Asking about a dose in general is asking about a dose.
        if (flag.found(whole, []) if flag.level == "none" else flag.found(now, not_now))
    )


def assess_conversation(messages: Sequence[str], language: str = "en") -> Assessment:
    """What a visitor's messages, oldest first, need: an emergency or a crisis told of earlier
    stands until a later one takes its place; without one the last message decides."""
    return standing([assess(text, language) for text in messages or [""]])


def standing(assessed: Sequence[Assessment]) -> Assessment:
    """The same of messages that are assessed already, one at least."""
    urgent = (found for found in reversed(assessed) if found.level != "none")
    return next(urgent, assessed[-1])


def _parts(flags: Sequence[Flag], learned: Found | None) -> tuple[str, ...]:
    urgent = [(flag.level, flag.also) for flag in flags if flag.level != "none"]
    if learned and learned.level != "none":
        urgent.append((learned.level, classes()[learned.kind].get("also")))
    # Beside an emergency or a crisis the smaller notices would only be in its way.
    names: list[str] = [level for level, _ in urgent] if urgent else [flag.name for flag in flags]
    names += [also for _, also in urgent if also]
    order = ("emergency", "crisis")
    unique = sorted(dict.fromkeys(names), key=lambda n: order.index(n) if n in order else 2)
    return tuple(unique)


def with_notice(notice: str, answer: str) -> str:
    """The notice, if there is one, and under it the answer: what a caller without a screen gets."""
    return f"{notice}\n\n{answer}" if notice else answer
