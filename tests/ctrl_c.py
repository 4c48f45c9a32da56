"""Ctrl-C in a test, also where the whole suite ignores it: a shell's `command &` starts it so."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def heeded() -> Iterator[None]:
    """Within, SIGINT is a KeyboardInterrupt here and in the programs that are started from here."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
