"""The country of a visitor: the region that their browser prefers, never where they are."""

from __future__ import annotations

from gradio.context import LocalContext

from hera.errors import InputError
from hera.safety.numbers import by_country
from hera.ui.language import preferred
from hera.ui.words import WORDS


def country() -> str:
    """That of the visitor whose event runs, as ISO 3166-1 alpha-2: the first that their browser
    names and whose numbers are known; "" where there is none."""
    request = LocalContext.request.get(None)
    accepted = "" if request is None else request.headers.get("accept-language", "")
    regions = (tag.rpartition("-")[2].upper() for tag in preferred(accepted) if "-" in tag)
    return next((region for region in regions if region in by_country()), "")


def asked_country(named: str) -> str:
    """The one that a caller names, else `country`.

    Raises:
        InputError: it is no code of a country.
    """
    if not named:
        return country()
    if not isinstance(named, str) or len(named) != 2 or not (named.isascii() and named.isalpha()):
        raise InputError(WORDS.errors.country)
    return named.upper()
