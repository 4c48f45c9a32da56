"""A benchmark's run: begun, or gone on with."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from typing import Any

from hera.types import Engine
from hera.ui.bench.state import Bench, Settings, State
from hera.ui.gpu import on_gpu
from hera.ui.serving import Serving


def run(bench: Bench, settings: Settings, before: State | None = None) -> Iterator[State]:
    """The run, first as it was `before`; closing the iterator stops it. What is left is asked in
    the batches that it would have had.

    Raises:
        HeraError: it cannot be asked.
    """
    began = time.monotonic() - (before.seconds if before else 0.0)
    plan = bench.plan(settings)
    state = before or State(
        settings, plan.name, plan.data, len(plan.items), plan.there, plan.variants
    )
    yield state
    known = {each.id for each in state.done}
    left = [item for item in plan.items if item.id not in known]
    for more in plan.ask(left, list(plan.variants)):
        done = [*state.done, *more]
        seconds, said = time.monotonic() - began, plan.said(done, began)
        yield replace(state, done=tuple(done), seconds=seconds, said=said)


def asking(
    serving: Serving,
    chunks: Callable[[list[Any]], Iterable[list[Any]]],
    score: Callable[[Engine, list[Any], list[str]], list[Any]],
    seconds: Callable[[list[Any], list[str]], float],
) -> Callable[[list[Any], list[str]], Iterator[list[Any]]]:
    """A function of (items, variants): all outcomes so far, after each batch.

    Args:
        serving: whom to ask.
        chunks: the items in batches.
        score: a batch's outcomes.
        seconds: how long it may take, see `on_gpu`.
    """

    def scored_items(items: list[Any], variants: list[str]) -> Iterator[list[Any]]:
        done: list[Any] = []
        for chunk in chunks(items):
            done += score(serving.engine(), chunk, variants)
            yield list(done)

    return on_gpu(scored_items, seconds)


def singly(items: list[Any]) -> Iterator[list[Any]]:
    """Batches of one."""
    return ([item] for item in items)
