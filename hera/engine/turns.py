"""Who is next on a copy of the weights: one thread that decodes for all, and scores in between.

Every step gives each row that is being answered a token. Who comes joins at the next step, a chunk
of prompt at a time; who has ended, or was left by its reader, goes. What does not fit into the
memory for keys and values waits, and nobody's second request goes before another's first. Scoring
takes turns with the steps, by time and by visitor: while anybody reads an answer it gets half at
the most, and beside many readers less.

Where a step fails for several requests, each is answered by itself from there on, and where it
fails for one, each of its rows: only a row that fails alone ends. Nothing ends the thread while
somebody waits for it.
"""

from __future__ import annotations

import itertools
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future
from contextlib import AbstractContextManager, contextmanager, nullcontext
from functools import cached_property
from typing import TypeVar

import torch

from hera.engine.batch import CHUNK, Batch
from hera.engine.decoding import THREAD, Decoding
from hera.engine.memory import give_back
from hera.engine.pulse import Pulse
from hera.engine.sampling import Sampler, lost
from hera.errors import BusyError, ModelError
from hera.weights.multi_lora import RowVariants

Result = TypeVar("Result")
WAITING = 64
"""Requests; who comes when so many wait is sent away."""
ROWS = 32
"""Answers at once, one request's own aside: with more, each grows more slowly than people read."""
_LEAST = 1 / 5
"""Of the time, for scoring beside any number of readers: their answers are one batch, so that a
reader more takes little of it."""
_TIDY = 10.0
"""Seconds between two times that free memory is given back, which takes some 20 ms."""
Rows = Sequence[tuple[Decoding, int]]
"""Of requests, that run."""


class Group:
    """Rows of requests that are one batch; `alone`: no other may join."""

    def __init__(self, batch: Batch, rows: Rows, *, alone: bool = False) -> None:
        self.batch = batch
        self.alone = alone
        self.rows = list(rows)
        self._samplers = {one: Sampler(one.params) for one, _ in rows}

    @property
    def names(self) -> list[str]:
        """Every row's variant."""
        return [one.names[row] for one, row in self.rows]

    @property
    def asked(self) -> list[Decoding]:
        """Its requests."""
        return list(self._samplers)

    def choose(self, scores: torch.Tensor) -> None:
        """Give every request its rows' next tokens, and let go of the rows that have ended, or
        whose scores are no numbers."""
        self._end_lost(scores)
        tokens = torch.zeros(len(self.rows), dtype=torch.int64, device=scores.device)
        asked = self._places()
        for one, places in asked.items():
            said = one.place(self.rows[places[0]][1])
            tokens[places] = self._samplers[one](scores[places], said)
        chosen = tokens.tolist()
        for one, places in asked.items():
            one.add({self.rows[place][1]: chosen[place] for place in places})
        self.batch.extend(tokens)
        self.leave()

    def _end_lost(self, scores: torch.Tensor) -> None:
        gone = lost(scores).tolist()
        for (one, row), is_lost in zip(self.rows, gone, strict=True):
            if is_lost and row in one.running:
                error = ModelError(
                    f"{one.names[row]} gave scores that are no numbers: its weights overflow. "
                    "Leave it out, or compute in another --dtype."
                )
                one.fail(row, error)

    def leave(self) -> None:
        """Let go of rows that have ended, and of requests that nobody reads any more."""
        for one in self.asked:
            if one.stopped and one.running:
                one.end()
        if self.batch.joined:
            kept = [k for k, (one, row) in enumerate(self.rows) if row in one.running]
            if 0 < len(kept) < len(self.rows):
                self.batch.keep(kept)
            self.rows = [self.rows[k] for k in kept]
        left = self._places()
        self._samplers = {one: s for one, s in self._samplers.items() if one in left}

    def join(self, other: Group) -> None:
        """Take in another group, which has read its prompts as this one has."""
        self.batch.join(other.batch)
        self.rows += other.rows
        self._samplers |= other._samplers

    def _places(self) -> dict[Decoding, list[int]]:
        found: dict[Decoding, list[int]] = {}
        for place, (one, row) in enumerate(self.rows):
            if row in one.running:
                found.setdefault(one, []).append(place)
        return found


class Turns:
    """The thread, and who waits for it; it lives while there is something to do.

    Args:
        batch: makes a `Batch` of prompts.
        rows: who answers for each row of the batch at work.
        threads: within, as many threads as suit a step of decoding.
        room: tells how many tokens' keys and values there may be, padding included; a request that
            is larger runs alone. It is asked when the first answers are at work.
    """

    def __init__(
        self,
        batch: Callable[[Sequence[Sequence[int]]], Batch],
        rows: RowVariants,
        threads: Callable[[], AbstractContextManager[None]],
        room: Callable[[], int],
    ) -> None:
        self._batch = batch
        self._rows = rows
        self._threads = threads
        self._room = room
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None
        self._waiting: list[Decoding] = []
        self._jobs: deque[tuple[Future[object], Callable[[], object]]] = deque()
        self._new: list[Decoding] = []
        self._groups: list[Group] = []
        self._served: dict[str, int] = {}
        self._count = itertools.count()
        self._owed = 0.0  # seconds of decoding before the next job
        self._tidied = time.monotonic()
        self.steps = self.jobs = 0
        """How many have been made, and done."""
        self._pulse = Pulse()

    def decode(self, one: Decoding) -> None:
        """Answer it as soon as there is room.

        Raises:
            BusyError: too many wait.
        """
        with self._lock:
            if len(self._waiting) >= WAITING:
                raise BusyError(f"{WAITING} requests are waiting already. Try again in a minute.")
            one.pulse = self._pulse
            self._waiting.append(one)
            self._wake()

    def ahead(self, one: Decoding) -> int:
        """How many requests that wait came before it."""
        with self._lock:
            return self._waiting.index(one) if one in self._waiting else 0

    @property
    def waiting(self) -> int:
        """How many requests wait."""
        return len(self._waiting)

    @property
    def rows(self) -> int:
        """How many answers are at work."""
        return sum(len(group.rows) for group in self._groups)

    def run(self, job: Callable[[], Result]) -> Result:
        """What the job returns, or raises, between two steps.

        Raises:
            ModelError: the thread that decodes has stopped (`hera.engine.pulse`).
        """
        future: Future[object] = Future()
        with self._lock:
            self._jobs.append((future, job))
            self._wake()
        return self._pulse.wait(future.result)  # type: ignore[return-value]

    @cached_property
    def _budget(self) -> int:
        return self._room()

    def _wake(self) -> None:
        if self._thread is None:
            self._pulse.beat()
            self._thread = threading.Thread(target=self._work, name=THREAD, daemon=True)
            self._thread.start()

    def _work(self) -> None:
        while True:
            try:
                if not self._turn():
                    return
            except BaseException as error:  # whoever waits must hear of it, and others be served
                self._give_up(error)

    def _give_up(self, error: BaseException) -> None:
        """Everybody ends with the error; who comes next finds nothing of it."""
        with self._lock:
            asked = [*self._waiting, *self._new, *(o for g in self._groups for o in g.asked)]
            jobs = list(self._jobs)
            self._waiting.clear()
            self._jobs.clear()
            self._groups, self._new, self._owed = [], [], 0.0
        for future, _ in jobs:
            future.set_exception(error)
        for one in asked:
            one.let_in()
            one.end(error)
            one.over()

    def _turn(self) -> bool:
        """A job if one is due, and a step of everything; False when nothing is left to do."""
        self._pulse.beat()
        with self._lock:
            self._new = []
            self._admit(new := self._new)
            if not new and not self._groups and not self._jobs:
                self._thread = None
                self._served.clear()
                return False
            due = self._jobs and (self._owed <= 0 or not (new or self._groups))
            job = self._jobs.popleft() if due else None
        self._tidy()
        for together in _by_prompt(new):
            self._begin([(one, row) for one in together for row in one.running])
        asked = [*new, *self._at_work()]
        if job is not None:
            self._owed = _seconds(lambda: _do(*job)) * self._readers_a_scorer()
            self.jobs += 1
        if self._groups:
            self._owed -= _seconds(self._steps)
        for one in asked:
            if not one.running:
                one.over()
        return True

    def _tidy(self) -> None:
        if time.monotonic() - self._tidied > _TIDY:
            give_back()
            self._tidied = time.monotonic()

    def _readers_a_scorer(self) -> float:
        """Visitors who wait for an answer or read one, to each who scores: nobody has two jobs
        here at once."""
        with self._lock:
            asked = [*self._waiting, *self._new, *(o for g in self._groups for o in g.asked)]
            readers = len({one.visitor for one in asked})
            return max(1.0, min(1 / _LEAST - 1, readers / (1 + len(self._jobs))))

    def _admit(self, new: list[Decoding]) -> None:
        """Put there who waited and has room now; of those whose turn it is first."""
        for one in [w for w in self._waiting if w.stopped]:
            self._waiting.remove(one)
            one.let_in()
            one.end()
            one.over()
        while self._waiting:
            one = min(self._waiting, key=lambda w: self._turn_of(w.visitor, new))
            if not self._fits(one, new):
                break
            self._waiting.remove(one)
            one.let_in()
            new.append(one)
            self._served[one.visitor] = next(self._count)

    def _at_work(self) -> list[Decoding]:
        """The requests that are being answered, each once."""
        return list(dict.fromkeys(one for group in self._groups for one in group.asked))

    def _begin(self, rows: Rows, *, alone: bool = False) -> None:
        with _told(rows):
            batch = self._batch([one.read(row) for one, row in rows])
            self._groups.append(Group(batch, rows, alone=alone))

    def _begin_again(self, failed: Sequence[Group], error: BaseException) -> None:
        """Answer each request of what failed by itself, from what it has said, and where it was one
        alone, each of its rows; one row alone ends."""
        rows = [(one, row) for group in failed for one, row in group.rows if row in one.running]
        self._groups = [group for group in self._groups if group not in failed]
        if len(rows) == 1:
            ((one, row),) = rows
            one.fail(row, error)
            return
        asked = dict.fromkeys(one for one, _ in rows)
        parts = (
            [[each] for each in rows]
            if len(asked) == 1
            else [[each for each in rows if each[0] is one] for one in asked]
        )
        for part in parts:
            self._begin(part, alone=True)

    def _turn_of(self, visitor: str, new: Sequence[Decoding]) -> tuple[int, int]:
        """How many of a visitor's requests are at work, and when the last was let in: the least is
        next."""
        own = sum(one.visitor == visitor for one in (*self._at_work(), *new))
        return own, self._served.get(visitor, -1)

    def _fits(self, one: Decoding, new: Sequence[Decoding]) -> bool:
        others = [*self._at_work(), *new]
        rows = sum(len(o.running) for o in (*others, one))
        tokens = rows * max(o.longest for o in (*others, one))
        return not others or (rows <= ROWS and tokens <= self._budget)

    @torch.inference_mode()
    def _steps(self) -> None:
        self.steps += 1
        reading = [group for group in self._groups if group.batch.reads]
        for group in list(self._groups):
            if group not in reading[1:]:
                self._step(group)
        self._groups = [group for group in self._groups if group.asked]
        ready = [g for g in self._groups if g.batch.joined and not (g.batch.reads or g.alone)]
        for other in ready[1:]:
            try:
                ready[0].join(other)
            except BaseException as error:
                self._begin_again([ready[0], other], error)
                return
            self._groups.remove(other)

    def _step(self, group: Group) -> None:
        try:
            group.leave()
            if not group.asked:
                return
            # A prompt is one large product: it gets all threads.
            threads = nullcontext() if group.batch.reads else self._threads()
            with self._rows.using(group.names), threads:
                scores = group.batch.step()
                if scores is not None:
                    group.choose(scores)
        except BaseException as error:
            self._begin_again([group], error)


@contextmanager
def _told(rows: Rows) -> Iterator[None]:
    """Within, what goes wrong reaches the readers, who wait, and nobody else."""
    try:
        yield
    except BaseException as error:
        for one, row in rows:
            one.fail(row, error)


def _by_prompt(asked: Sequence[Decoding]) -> list[list[Decoding]]:
    """Requests whose prompts are read together: as many as are read as fast as one alone."""
    groups: list[list[Decoding]] = []
    for one in asked:
        together = [*groups[-1], one] if groups else []
        rows = sum(len(o.prompts) for o in together)
        if together and rows * max(len(p) for o in together for p in o.prompts) <= CHUNK:
            groups[-1] = together
        else:
            groups.append([one])
    return groups


def _do(future: Future[object], job: Callable[[], object]) -> None:
    try:
        future.set_result(job())
    except BaseException as error:  # is raised where it is waited for
        future.set_exception(error)


def _seconds(work: Callable[[], None]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began
