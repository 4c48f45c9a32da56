"""That this process is about to end, for all that would begin or goes on in it."""

from __future__ import annotations

import signal
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import Any

from starlette.types import ASGIApp, Receive, Scope, Send

from hera.errors import BusyError
from hera.ui.words import WORDS

ALIVE = "/alive"
"""Where open pages ask how things stand; see `hera.ui.alive`."""

_RECENT = 7.0  # seconds; an open page asks every 3 (`page_restart.js`)


class Leaving:
    """What the signal said, and who is still at work."""

    def __init__(self) -> None:
        self._asked = threading.Event()
        self._late = threading.Event()
        self._lock = threading.Lock()
        self._at_work = 0
        self._heard = self._asked_last = float("-inf")

    def heed(self) -> None:
        """From now on SIGTERM asks for the end; a second one is the end. For the main thread."""
        signal.signal(signal.SIGTERM, lambda *_: self._ask())

    def _ask(self) -> None:
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        self._asked.set()

    def wait(self) -> None:
        """Return once the end was asked for."""
        self._asked.wait()  # for as long as the app runs, in a thread that does nothing else

    @property
    def asked(self) -> bool:
        """Whether it was."""
        return self._asked.is_set()

    @property
    def at_work(self) -> int:
        """How many visitors' events run."""
        return self._at_work

    def cut(self) -> None:
        """Let what still runs end at its next step."""
        self._late.set()

    def hear(self) -> None:
        """A page has asked how things stand."""
        self._heard = time.monotonic()

    @property
    def watched(self) -> bool:
        """Whether a page is open that has yet to ask."""
        return time.monotonic() - self._heard < _RECENT

    def note(self) -> None:
        """A page or a program has asked for something, or has its answer."""
        self._asked_last = time.monotonic()

    def quiet(self, seconds: float) -> bool:
        """Whether nobody has for so long."""
        return time.monotonic() - self._asked_last >= seconds

    def lets(self, steps: Iterator[Any]) -> Iterator[Any]:
        """The steps of a generator, which is told when it has to end.

        Raises:
            BusyError: nothing begins any more, or the generator had to end.
        """
        if self.asked:
            raise BusyError(WORDS.leaving.refused)
        with self._counted(), closing(steps):  # type: ignore[type-var]
            for step in steps:
                yield step
                if self._late.is_set():
                    # It may have a last word, as a screen that must not stay half way.
                    yield steps.throw(BusyError(WORDS.leaving.cut))  # type: ignore[attr-defined]
                    yield from steps

    @contextmanager
    def _counted(self) -> Iterator[None]:
        with self._lock:
            self._at_work += 1
        try:
            yield
        finally:
            with self._lock:
                self._at_work -= 1


LEAVING = Leaving()
"""Of this process."""


class NotesRequests:
    """ASGI middleware: `LEAVING` knows of every request but those that ask how things stand."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        noted = scope["type"] == "http" and not scope["path"].endswith(ALIVE)
        if noted:
            LEAVING.note()
        try:
            await self._app(scope, receive, send)
        finally:
            if noted:
                LEAVING.note()
