"""Several answers at once: each is read in a thread of its own, all come out of one queue."""

from __future__ import annotations

import threading
from collections.abc import Callable, Generator, Mapping
from contextlib import closing
from queue import Empty, SimpleQueue

from hera.engine.failing import told
from hera.engine.remote.client import Events
from hera.engine.remote.dialects import Answer, Delta
from hera.errors import HeraError, ModelError

MUTE = 600.0
"""Seconds without a word of any answer until all are given up: a server may keep a connection alive
for ever, and say nothing on it."""

Ask = Callable[[], Answer]
Came = tuple[str, Delta | HeraError]
_Said = SimpleQueue[tuple[str, Delta | HeraError | None]]


def side_by_side(asked: Mapping[str, Ask]) -> Generator[list[Came], None, None]:
    """(variant, what its answer gains, or why it broke off) as it comes, all that is there at a
    time; closing it stops the servers' work.

    Raises:
        ModelError: ten minutes passed without a word.
    """
    said: _Said = SimpleQueue()
    readers = [_Reader(name, ask, said) for name, ask in asked.items()]
    for reader in readers:
        reader.start()
    try:
        running = len(readers)
        while running:
            try:
                came = [said.get(timeout=MUTE)]
            except Empty as error:
                line = f"The server has said nothing for {MUTE / 60:.0f} minutes, and is given up."
                raise ModelError(line) from error
            while not said.empty():
                came.append(said.get())
            news: list[Came] = [(name, what) for name, what in came if what is not None]
            if news:
                yield news
            running -= sum(what is None for _, what in came)
    finally:
        for reader in readers:
            reader.stop()


class _Reader(threading.Thread):
    """One answer, until it ends, breaks off, or nobody wants it any more; None is its end."""

    def __init__(self, name: str, ask: Ask, said: _Said) -> None:
        super().__init__(name=f"answer-{name}", daemon=True)
        self._variant = name
        self._ask = ask
        self._said = said
        self._lock = threading.Lock()
        self._events: Events | None = None
        self._stopped = False

    def run(self) -> None:
        try:
            answer = self._ask()
            with closing(answer.events):
                if self._goes_on(answer.events):
                    for delta in answer:
                        self._said.put((self._variant, delta))
        except BaseException as error:  # is told where the answer is waited for
            self._said.put((self._variant, told(error)))
        finally:
            self._said.put((self._variant, None))

    def stop(self) -> None:
        """Let the server stop, and the thread end."""
        with self._lock:
            self._stopped = True
            if self._events is not None:
                self._events.stop()

    def _goes_on(self, events: Events) -> bool:
        with self._lock:
            self._events = events
            return not self._stopped
