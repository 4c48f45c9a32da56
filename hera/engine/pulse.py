"""That the thread which decodes still does something: whoever waits for it waits no longer."""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Callable
from typing import TypeVar

from hera.errors import ModelError

Given = TypeVar("Given")

STILL = 1800.0
"""Seconds that one step, or one batch of scores, may take: on the slowest machine that anybody has
patience for."""
_LOOK = 5.0  # seconds between two looks


class Pulse:
    """When the thread last began something."""

    def __init__(self) -> None:
        self._beaten = time.monotonic()

    def beat(self) -> None:
        """It begins something now."""
        self._beaten = time.monotonic()

    def check(self) -> None:
        """Raises ModelError where it has been at the same for longer than anything takes."""
        if time.monotonic() - self._beaten > STILL:
            raise ModelError(
                f"The model has been at one step for {STILL / 60:.0f} minutes. Restart HERA."
            )

    def wait(self, wait: Callable[[float], Given]) -> Given:
        """What `wait` gives, which takes seconds, and raises TimeoutError or queue.Empty where they
        were too few.

        Raises:
            ModelError: see `check`.
        """
        while True:
            try:
                return wait(_LOOK)
            except (TimeoutError, queue.Empty):
                self.check()

    def wait_for(self, event: threading.Event) -> None:
        """Return once the event is set, or the thread has stopped."""
        while not event.wait(_LOOK):
            if time.monotonic() - self._beaten > STILL:
                return
