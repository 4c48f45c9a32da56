"""--dry-run: how long the training would take, and what the model would read."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from transformers import TrainerCallback
from transformers.trainer_utils import SaveStrategy

from train.layout import Layout
from train.processes import say
from train.recipe import TrainingRun
from train.rows import Row, Rows, shown
from train.trainer import build


def rehearse(run: TrainingRun, model: Any, tokenizer: Any, rows: Rows, layout: Layout) -> None:
    """Steps, an estimate of the time from three real ones, and one row as the model sees it."""
    steps = -(-len(rows.train) // run.recipe.batch_size) * run.recipe.epochs
    seconds = seconds_a_step(run, model, tokenizer, rows.train, layout)
    say(
        f"time: {steps} steps of about {seconds:.2f} s (three were tried), "
        f"about {steps * seconds / 60:.1f} minutes"
    )
    say("the first row; the loss is on what stands between « and »:")
    say(shown(tokenizer, rows.train[0]))
    say("dry run: nothing was written.")


def seconds_a_step(
    run: TrainingRun, model: Any, tokenizer: Any, rows: Sequence[Row], layout: Layout
) -> float:
    """The time of an optimizer step, from three real ones after a first that warms up; their
    weights are thrown away with the model."""
    ordered = sorted(rows, key=lambda row: len(row.input_ids))
    every = max(1, len(ordered) // (4 * run.recipe.batch_size))
    some = ordered[::every][: 4 * run.recipe.batch_size]
    clock = _Clock()
    with tempfile.TemporaryDirectory() as scratch:
        trial = replace(run, output=Path(scratch), report_to="none")
        trainer = build(trial, model, tokenizer, some, layout)
        trainer.args.save_strategy = SaveStrategy.NO
        trainer.callback_handler.callbacks = [clock]
        trainer.train()
    ends = clock.ends
    return (ends[-1] - ends[0]) / max(1, len(ends) - 1) if len(ends) > 1 else clock.seconds


class _Clock(TrainerCallback):
    def __init__(self) -> None:
        self.began = time.perf_counter()
        self.ends: list[float] = []

    def on_step_end(self, *_: Any, **__: Any) -> None:
        self.ends.append(time.perf_counter())

    @property
    def seconds(self) -> float:
        return time.perf_counter() - self.began
