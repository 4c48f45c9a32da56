"""Threads that must have ended."""

from __future__ import annotations

import threading
import time

from hera.engine.decoding import THREAD


def decoding() -> int:
    """How many threads decode."""
    return sum(thread.name == THREAD for thread in threading.enumerate())


def none_decodes(seconds: float = 20.0) -> bool:
    """Whether that is none within so many seconds: a thread ends just after its last answer."""
    until = time.monotonic() + seconds
    while decoding() and time.monotonic() < until:
        time.sleep(0.01)
    return not decoding()
