"""A port for an app that is yet to start."""

from __future__ import annotations

import contextlib
import random
import socket

_LOW, _HIGH = 10_000, 32_000
"""Below those that Linux hands out to whoever connects (32768 and up): the app listens seconds
later, and meanwhile such a one could be somebody else's."""


def free_port() -> int:
    """One of 127.0.0.1 that nobody listens on."""
    draw = random.SystemRandom()
    while True:
        port = draw.randrange(_LOW, _HIGH)
        with socket.socket() as probe, contextlib.suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port
