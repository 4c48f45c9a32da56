"""What a visitor's messages call for: the notice with the numbers of their country, and whether an
answer is held back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from hera.safety import assess, standing
from hera.safety.learned import Found
from hera.safety.numbers import Line, Numbers, by_country, dialled
from hera.safety.rules import Level, notices

DIRECTORY = "findahelpline.com"
"""Lists crisis lines of every country: named where a country has none here."""


@dataclass(frozen=True)
class Call:
    """Somebody to call: `about` says who, `shown` the number, or the address, as people read it,
    `note` when it answers and how else it is reached; `href` is its `tel:`, or web, address, ""
    where it takes messages alone."""

    about: str
    shown: str
    note: str
    href: str

    def __str__(self) -> str:
        note = f" ({self.note})" if self.note else ""
        return f"{self.about}: **{self.shown}**{note}" if self.shown else f"{self.about}{note}"


@dataclass(frozen=True)
class Care:
    """`level`, `flags`, `learned` and `parts` as in `Assessment`; `country` is "" where it is not
    known, or has no numbers here; `held_back` is whether no model answers the last message."""

    level: Level
    flags: tuple[str, ...]
    learned: Found | None
    parts: tuple[str, ...]
    language: str
    country: str
    held_back: bool

    @property
    def urgent(self) -> bool:
        """Whether there is an emergency or a crisis."""
        return self.level != "none"

    @property
    def notice(self) -> str:
        """Markdown, "" if none is due: the numbers first where the country is known."""
        numbers = by_country().get(self.country) if self.urgent else None
        if numbers is None:
            texts = notices(self.language)
            return "\n\n".join(texts[name] for name in self.parts)
        first = " · ".join(map(str, calls(numbers, self.parts, self.language)))
        emergency = any_of(numbers.emergency, self.language)
        return "\n\n".join([first, *paragraphs_here(self.parts, emergency, self.language)])

    @property
    def held(self) -> str:
        """What stands in the place of an answer that is held back (Markdown), "" where none is."""
        return notices(self.language)["held"] if self.held_back else ""

    def plain(self, cautions: Sequence[str] = ()) -> dict[str, Any]:
        """As plain values, with the `cautions` under an answer: what a reply says as data."""
        return {
            "level": self.level,
            "flags": list(self.flags),
            "learned": None if self.learned is None else asdict(self.learned),
            "country": self.country,
            "held_back": self.held_back,
            "cautions": list(cautions),
        }


def care(messages: Sequence[str], language: str = "en", country: str = "") -> Care:
    """What a visitor's messages, oldest first, call for.

    The notice is that of `assess_conversation`: an emergency or a crisis told of earlier stands. An
    answer is held back where the last message itself tells of a crisis, and after a crisis also
    where it asks for something that has a notice of its own, as a dose; any other message is
    answered again, for a silence would leave its writer alone. In an emergency without a crisis the
    model answers.

    Args:
        messages: the visitor's.
        language: of the notice, "en" or "es".
        country: ISO 3166-1 alpha-2; "" where it is not known.
    """
    assessed = [assess(text, language) for text in messages or [""]]
    whole, last = standing(assessed), assessed[-1]
    told_of_crisis = any("crisis" in each.parts for each in assessed)
    held_back = "crisis" in last.parts or (
        last.level == "none" and bool(last.flags) and told_of_crisis
    )
    known = country.upper() if country.upper() in by_country() else ""
    return Care(whole.level, whole.flags, whole.learned, whole.parts, language, known, held_back)


def calls(numbers: Numbers, parts: Sequence[str], language: str) -> tuple[Call, ...]:
    """Whom to call in a country, the most urgent first, for what `parts` of a notice say."""
    texts = notices(language)
    found = [
        Call(texts["call_emergency"], number, "", f"tel:{dialled(number)}")
        for number in numbers.emergency
    ]
    if "crisis" in parts:
        found += [_call(line, language) for line in numbers.crisis]
        if not numbers.crisis:
            found.append(Call(texts["call_directory"], DIRECTORY, "", f"https://{DIRECTORY}"))
    if "poisoning" in parts and numbers.poison is not None:
        found.append(_call(numbers.poison, language))
    return tuple(found)


def paragraphs_here(parts: Sequence[str], emergency: str, language: str) -> list[str]:
    """A notice's paragraphs where its numbers stand above them; `emergency`: the number to dial."""
    texts = notices(language)
    return [
        texts[f"{name}_here"].format(emergency=emergency)
        if f"{name}_here" in texts
        else texts[name]
        for name in parts
    ]


def any_of(numbers: Sequence[str], language: str) -> str:
    """Numbers of which either will do, as a sentence has them."""
    return f" {notices(language)['call_or']} ".join(numbers)


def _call(line: Line, language: str) -> Call:
    texts = notices(language)
    hours = {"": texts["call_always"], "?": texts["call_unknown"]}
    notes = [texts["call_text"].format(text=line.text)] if line.text else []
    notes.append(hours.get(line.hours, texts["call_hours"].format(hours=line.hours)))
    href = f"tel:{dialled(line.number)}" if line.number else ""
    return Call(line.name, line.number, ", ".join(notes), href)
