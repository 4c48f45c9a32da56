"""Ctrl-C in a test, also where the whole suite ignores it: a shell's `command &` starts it so."""

from __future__ import annotations

import gc
import signal
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def heeded() -> Iterator[None]:
    """Within, SIGINT is a KeyboardInterrupt here and in the programs that are started from here.

    No garbage is collected meanwhile: Hypothesis has Python call it then, and an interrupt that
    lands in such a call is printed and lost.
    """
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    gc.disable()
    try:
        yield
    finally:
        gc.enable()
        signal.signal(signal.SIGINT, before)
