"""The language of a page: what its address asks for (`?lang=es`), else what the browser prefers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar

from gradio.context import LocalContext

from hera.config.file import LANGUAGES

SPOKEN = LANGUAGES
"""A file each in `hera/ui/words`, the first where nothing else is known."""

PARAMETER = "lang"

_SPEAKING: ContextVar[str | None] = ContextVar("speaking", default=None)


@contextmanager
def speaking(name: str) -> Iterator[None]:
    """Whatever is built or said meanwhile is in that language."""
    before = _SPEAKING.set(name)
    try:
        yield
    finally:
        _SPEAKING.reset(before)


def language() -> str:
    """The one that is spoken here: that of the visitor whose event runs, else `speaking`'s."""
    # In that order: Gradio's queue was begun by some request, and has its context for good.
    request = LocalContext.request.get(None)
    if request is not None:
        return wanted(request.query_params, request.headers)
    return _SPEAKING.get() or SPOKEN[0]


def wanted(query: Mapping[str, str], headers: Mapping[str, str]) -> str:
    """The language of a request.

    Args:
        query: of its address.
        headers: their names are read without regard to case, or are in small letters.
    """
    named = query.get(PARAMETER, "")
    if named in SPOKEN:
        return named
    accepted = headers.get("accept-language", "")
    names = (tag.partition("-")[0].lower() for tag in preferred(accepted))
    return next((name for name in names if name in SPOKEN), SPOKEN[0])


def preferred(accepted: str) -> list[str]:
    """The language tags of an Accept-Language header, as "es-MX", the most wanted first (RFC 9110,
    12.5.4); what has no weight that is a number is left out."""
    weighed = []
    for part in accepted.split(","):
        name, _, weight = part.partition(";q=")
        try:
            weighed.append((-float(weight or 1), name.strip()))
        except ValueError:
            continue
    return [name for _, name in sorted(weighed, key=lambda pair: pair[0])]
