"""What is said of an error that nobody foresaw: to the visitor why, to the operator where."""

from __future__ import annotations

import errno
import sys
import traceback
from pathlib import Path

from hera.errors import HeraError, one_line, out_of_memory, without_folders
from hera.ui.words import WORDS

_FULL = (errno.ENOSPC, errno.EDQUOT)
_PLACES = 4  # the last of the way to an error


def reason(error: BaseException) -> str:
    """One line for whoever waits; of this machine's paths only the last part is in it."""
    words = WORDS.failing
    if isinstance(error, HeraError):
        return str(error)
    if out_of_memory(error):
        return words.memory
    if isinstance(error, OSError) and error.errno in _FULL:
        return words.disk
    return words.other.format(error=without_folders(one_line(error)))


def noted(error: BaseException, event: str) -> None:
    """One line on the terminal, without the error's own text, which may hold a visitor's."""
    kind = type(error).__name__
    if isinstance(error, OSError) and error.errno is not None:
        kind += f" ({errno.errorcode.get(error.errno, error.errno)})"
    way = traceback.extract_tb(error.__traceback__)[-_PLACES:]
    places = " > ".join(f"{Path(one.filename).name}:{one.lineno} {one.name}" for one in way)
    print(f"error: {event} failed: {kind} at {places}", file=sys.stderr, flush=True)
