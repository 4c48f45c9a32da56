"""What happens between two steps: progress is shown, and Ctrl-C is heeded."""

from __future__ import annotations

import contextlib
import os
import signal
import sys
import time
from collections.abc import Iterator
from typing import Any

from tqdm import tqdm
from transformers import TrainerCallback

from train.processes import anywhere


class Progress(TrainerCallback):
    """Loss and non-padding tokens a second: a bar on a terminal, else a line after the first step
    and ten more."""

    def __init__(self) -> None:
        self._bar: Any = None
        self._began, self._tokens, self._first = 0.0, 0.0, 1

    def on_train_begin(self, *event: Any, **_: Any) -> None:
        _args, state, _control = event
        self._began = time.monotonic()
        self._tokens, self._first = 0.0, state.global_step + 1
        if state.is_world_process_zero and sys.stderr.isatty():
            self._bar = tqdm(total=state.max_steps, initial=state.global_step, unit="step")

    def on_step_end(self, *event: Any, **_: Any) -> None:
        _args, state, control = event
        control.should_log = control.should_log or state.global_step == self._first
        if self._bar is not None:
            self._bar.update(state.global_step - self._bar.n)

    def on_log(self, *event: Any, logs: Any = None, **_: Any) -> None:
        args, state, _control = event
        if "loss" not in (logs or {}) or not state.is_world_process_zero:
            return
        before, self._tokens = self._tokens, logs.get("num_tokens", 0.0)
        rate = max(0.0, self._tokens - before) / max(1e-9, time.monotonic() - self._began)
        self._began = time.monotonic()
        logs["tokens_per_second"] = round(rate, 1)
        shown = f"loss {logs['loss']:.3f}, {rate:,.0f} tokens/s"
        if self._bar is not None:
            self._bar.set_postfix_str(shown)
        elif self._is_due(state, args.logging_steps):
            print(f"step {state.global_step} of {state.max_steps}: {shown}", flush=True)

    def _is_due(self, state: Any, every: int) -> bool:
        step = state.global_step
        return bool(step == self._first or step % max(1, state.max_steps // 10) < every)

    def on_train_end(self, *_: Any, **__: Any) -> None:
        if self._bar is not None:
            self._bar.close()


class Interrupt(TrainerCallback):
    """Ctrl-C ends the run after the step at work, with a checkpoint; a second one at once."""

    def __init__(self) -> None:
        self.received = False

    @contextlib.contextmanager
    def listening(self) -> Iterator[None]:
        """Within, SIGINT asks the loop to save and stop."""
        before = signal.getsignal(signal.SIGINT)
        signal.signal(signal.SIGINT, self._receive)
        try:
            yield
        finally:
            signal.signal(signal.SIGINT, before)

    def _receive(self, *_: Any) -> None:
        if self.received:
            raise KeyboardInterrupt
        self.received = True
        os.write(2, b"saving a checkpoint ... (Ctrl-C again stops at once)\n")

    def on_step_end(self, *event: Any, **_: Any) -> None:
        _args, _state, control = event
        self.received = anywhere(self.received)
        if self.received:
            control.should_save = True
            control.should_training_stop = True
