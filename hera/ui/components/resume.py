"""A Resume button, in sight once a run was stopped or has failed."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Protocol

import gradio as gr
from gradio.components import Component

from hera.ui.components.events import AT_ONCE
from hera.ui.components.stop import stops
from hera.ui.words import WORDS

_PATIENCE, _LOOK = 120.0, 0.1  # seconds


class Run(Protocol):
    """What can be gone on with."""

    @property
    def complete(self) -> bool:
        """Whether all of it is scored."""


class Busy:
    """Whether a visitor's run computes: one that was stopped ends its batch first."""

    running = False

    @contextmanager
    def computing(self) -> Iterator[None]:
        """While it does."""
        self.running = True
        try:
            yield
        finally:
            self.running = False

    def wait(self) -> None:
        """Return once it does not, or after two minutes."""
        until = time.monotonic() + _PATIENCE
        while self.running and time.monotonic() < until:
            time.sleep(_LOOK)


def resume_button(elem_id: str) -> gr.Button:
    """Out of sight until there is something to go on with."""
    return gr.Button(WORDS.pubmedqa.resume, min_width=64, visible=False, elem_id=elem_id)


def stops_and_resumes(
    stop: gr.Button,
    events: Sequence[Any],
    shown: Sequence[Component],
    run: gr.State,
    busy: gr.State,
    resume: gr.Button,
) -> None:
    """Let `stop` cancel `events`, see `stops`; `resume` then comes in sight if `run` is not
    complete."""
    stopped = stops(stop, events, shown)
    for ends in (stopped.then, *(event.failure for event in events)):
        ends(_resumable, [run, busy], resume, show_progress="hidden", **AT_ONCE)


def _resumable(run: Run | None, busy: Busy) -> gr.Button:
    # Before its last batch has ended, Gradio takes that end for the end of whatever runs then.
    busy.wait()
    return gr.Button(visible=run is not None and not run.complete)
