"""One request while it is answered: its rows, and where their tokens go."""

from __future__ import annotations

import asyncio
import queue
import threading
from collections.abc import Mapping, Sequence

from hera.engine.failing import told
from hera.engine.pulse import Pulse
from hera.errors import HeraError
from hera.types import GenerationParams

THREAD = "decoding"
"""What the threads are called that decode."""

Column = Mapping[int, int | HeraError]
"""Row -> its next token, or why none comes any more; rows that have ended are not in it."""


class Decoding:
    """Row i is answered by the variant names[i].

    Args:
        prompts: token ids, one prompt a row.
        ends: the ids that end each row's turn.
        visitor: who asks; nobody's requests wait for another's many.
    """

    def __init__(
        self,
        names: Sequence[str],
        prompts: Sequence[Sequence[int]],
        ends: Sequence[Sequence[int]],
        params: GenerationParams,
        visitor: str = "",
    ) -> None:
        self.names = tuple(names)
        self.prompts = prompts
        self.params = params
        self.visitor = visitor
        self.pulse = Pulse()
        self.running = list(range(len(names)))
        self._said: list[list[int]] = [[] for _ in names]
        self._ends = [frozenset(ids) for ids in ends]
        self._columns: queue.Queue[Column | None] = queue.Queue()
        self._stop = threading.Event()
        self._let_in = threading.Event()
        self._ended = threading.Event()

    @property
    def longest(self) -> int:
        """How many tokens its longest row may come to."""
        return max(map(len, self.prompts)) + self.params.max_new_tokens

    @property
    def stopped(self) -> bool:
        """Whether its reader has left."""
        return self._stop.is_set()

    def read(self, row: int) -> list[int]:
        """What stands before a row's next token: its prompt, and what it said."""
        return [*self.prompts[row], *self._said[row]]

    def place(self, row: int) -> int:
        """How many tokens of its answer there are."""
        return len(self._said[row])

    def let_in(self) -> None:
        """It waits no longer."""
        self._let_in.set()

    def waits(self, seconds: float) -> bool:
        """Whether it still waits for room after so many seconds.

        Raises:
            ModelError: the thread that decodes has stopped (`hera.engine.pulse`).
        """
        self.pulse.check()
        return not self._let_in.wait(seconds)

    def column(self) -> Column | None:
        """The next token of rows that still run, or None when none does; waits for it.

        Raises:
            ModelError: as `waits`.
        """
        return self.pulse.wait(lambda seconds: self._columns.get(timeout=seconds))

    def stop(self) -> None:
        """Let it end before its next token."""
        self._stop.set()

    def join(self) -> None:
        """Wait until it has ended, and the step in which it did; not where that would keep others
        waiting: an event loop serves them all."""
        # A stream that nobody closed may be collected in the very thread that decodes for it.
        if threading.current_thread().name != THREAD and not _in_event_loop():
            self.pulse.wait_for(self._ended)

    def add(self, column: Mapping[int, int]) -> None:
        """The next token of running rows."""
        for row, token in column.items():
            self._said[row].append(token)
            if token in self._ends[row] or len(self._said[row]) == self.params.max_new_tokens:
                self.running.remove(row)
        self._columns.put(column)
        if not self.running:
            self.end()

    def fail(self, row: int, error: BaseException) -> None:
        """A running row ends with this error; the others go on."""
        self.running.remove(row)
        self._columns.put({row: told(error)})
        if not self.running:
            self.end()

    def end(self, error: BaseException | None = None) -> None:
        """No more comes, for this reason or none."""
        if error is not None and self.running:
            self._columns.put(dict.fromkeys(self.running, told(error)))
        self.running = []
        self._columns.put(None)

    def over(self) -> None:
        """The step in which it ended is done."""
        self._ended.set()


def _in_event_loop() -> bool:
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return False
    return True
