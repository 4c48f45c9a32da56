"""One question, answered many times by several variants, each time with other dice.

Draw k of every variant has the seed `params.seed + k`, and with the seed its noise: so two variants
are compared draw by draw. Each draw is a request of its own, which the engine takes into its
running batch beside the others; `Engine.answers` would give all of them the same seed.
"""

from __future__ import annotations

import threading
from collections.abc import Generator, Mapping
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import ExitStack, closing
from dataclasses import dataclass, replace

from hera.errors import InputError
from hera.types import Engine, GenerationParams, Prompt, Step

DRAWS = 16
"""Of each variant, where nothing else is said."""
MOST = 64
"""Of each variant: they take long, and more would show differences that nobody notices."""
ROWS = 32
"""Answers at once: with more, the engine lets the rest wait."""
_AT_THE_DOOR = 4  # requests that wait for their first token: a queue's places are everybody's
_OFTEN = 0.4  # seconds between two words to one who watches


@dataclass(frozen=True)
class Answer:
    """One variant's answer, whole; `tokens` counts the turn end, `finished` is "stop" (the model
    ended its turn) or "length"."""

    text: str
    tokens: int
    finished: str


@dataclass(frozen=True)
class Draws:
    """What has been drawn so far of `n` draws: seed -> variant -> its answer, in the seeds' order,
    those that have ended in every variant. `ahead` are the requests of others that all of these
    still wait for."""

    n: int
    ended: Mapping[int, Mapping[str, Answer]]
    ahead: int = 0


def draw(
    engine: Engine,
    requests: Mapping[str, Prompt],
    params: GenerationParams,
    n: int = DRAWS,
    visitor: str = "",
) -> Generator[Draws, None, None]:
    """Draw n answers of each variant; tells at least twice a second what has ended so far, and all
    of it last. Closing the iterator stops every answer.

    Args:
        engine: whom to ask.
        requests: variant -> its prompt.
        params: of every draw; `seed` is the first draw's.
        n: how many draws of each variant, 2 to `MOST`.
        visitor: who asks; see `Engine.stream`.

    Raises:
        InputError: greedy decoding, too few or too many draws, or what `Engine.stream` refuses.
        BusyError: too many requests wait.
        ModelError: the model failed.
    """
    if params.temperature == 0:
        raise InputError("At temperature 0 all draws are the same: give a temperature above 0.")
    if not 2 <= n <= MOST:
        raise InputError(f"{n} draws were asked for: give 2 to {MOST}.")
    # What is closed before its first step has only been checked.
    engine.stream(requests, params, visitor).close()
    return _Drawing(engine, requests, params, visitor).run(n)


class _Drawing:
    """Streams of several threads, which all end when one fails or nobody listens any more."""

    def __init__(
        self,
        engine: Engine,
        requests: Mapping[str, Prompt],
        params: GenerationParams,
        visitor: str,
    ) -> None:
        self._engine = engine
        self._requests = requests
        self._params = params
        self._visitor = visitor
        self._stop = threading.Event()
        self._door = threading.Semaphore(_AT_THE_DOOR)
        self._ahead: dict[int, int] = {}

    def run(self, n: int) -> Generator[Draws, None, None]:
        """See `draw`."""
        seeds = range(self._params.seed, self._params.seed + n)
        at_once = max(1, min(n, ROWS // len(self._requests)))
        with ThreadPoolExecutor(at_once, thread_name_prefix="draw") as pool:
            running = {pool.submit(self._answers, seed): seed for seed in seeds}
            try:
                yield from self._told(running, n)
            finally:
                self._stop.set()
                pool.shutdown(cancel_futures=True)

    def _told(
        self, seeds: Mapping[Future[dict[str, Answer]], int], n: int
    ) -> Generator[Draws, None, None]:
        ended: dict[int, dict[str, Answer]] = {}
        left = set(seeds)
        while left:
            done, left = wait(left, timeout=_OFTEN, return_when=FIRST_COMPLETED)
            ended |= {seeds[future]: future.result() for future in done}
            yield Draws(n, dict(sorted(ended.items())), self._waits_for() if not ended else 0)

    def _waits_for(self) -> int:
        """How many requests come before the first of these; 0 once one is answered."""
        return min(list(self._ahead.values()), default=0)

    def _answers(self, seed: int) -> dict[str, Answer]:
        """One draw of every variant; nothing where it was stopped before its end."""
        last: Step | None = None
        with closing(self._steps(seed)) as steps:
            for last in steps:
                self._ahead[seed] = last.ahead
                if self._stop.is_set():
                    return {}
        if last is None:
            return {}
        last.check()
        return {
            name: Answer(text, last.tokens[name], last.finished[name] or "length")
            for name, text in last.texts.items()
        }

    def _steps(self, seed: int) -> Generator[Step, None, None]:
        params = replace(self._params, seed=seed)
        with ExitStack() as door:
            door.enter_context(self._door)
            if self._stop.is_set():
                return
            steps = self._engine.stream(self._requests, params, self._visitor)
            with closing(steps):
                for step in steps:
                    if any(step.tokens.values()):
                        door.close()
                    yield step
