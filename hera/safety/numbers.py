"""numbers.toml, read once: whom to call in an emergency or a crisis, by country."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

FILE = Path(__file__).with_name("numbers.toml")


@dataclass(frozen=True)
class Line:
    """A service that answers.

    Args:
        name: as it calls itself.
        number: as it is dialled in its country; "" where it takes messages alone.
        text: where it takes messages, with the word to send if it wants one; "" where it does not.
        hours: when it answers; "" for day and night, "?" where that is not known.
        source: the address of a page that says so.
    """

    name: str
    source: str
    number: str = ""
    text: str = ""
    hours: str = ""


@dataclass(frozen=True)
class Numbers:
    """One country's: `names` by the page's language, `emergency` as they are dialled, an
    ambulance's first, `languages` as ISO 639-1, `source` of the emergency numbers."""

    country: str
    names: Mapping[str, str]
    languages: tuple[str, ...]
    emergency: tuple[str, ...]
    crisis: tuple[Line, ...]
    poison: Line | None
    source: str


@cache
def by_country() -> Mapping[str, Numbers]:
    """All of them, by ISO 3166-1 alpha-2 code, as the file has them."""
    return {code: _numbers(code, row) for code, row in _content().items() if code != "checked"}


def checked() -> str:
    """When the file was last gone through, as YYYY-MM."""
    return str(_content()["checked"])


def dialled(number: str) -> str:
    """A number as a `tel:` link wants it: without what is only there to be read."""
    return "".join(sign for sign in number if sign.isdigit() or sign in "*#+")


@cache
def _content() -> Mapping[str, Any]:
    return tomllib.loads(FILE.read_text(encoding="utf-8"))


def _numbers(country: str, row: Mapping[str, Any]) -> Numbers:
    return Numbers(
        country=country,
        names=row["name"],
        languages=tuple(row["languages"]),
        emergency=tuple(row["emergency"]),
        crisis=tuple(Line(**line) for line in row.get("crisis", ())),
        poison=Line(**row["poison"]) if "poison" in row else None,
        source=row["source"],
    )
