"""--dry-run: how long the training would take, and what the model would read."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from transformers import TrainerCallback
from transformers.trainer_utils import SaveStrategy

from train.layout import Layout, largest_part
from train.processes import anywhere, say
from train.recipe import TrainingRun
from train.rows import Row, Rows, shown
from train.trainer import build

HALF_A_MINUTE = 30.0  # seconds, for the step that warms up and again for those that are timed
_MOST = 10  # timed steps: more would take longer and say little more
_SILENT = 5.0  # seconds, at most, while the micro-batches of one step go by


def rehearse(run: TrainingRun, model: Any, tokenizer: Any, rows: Rows, layout: Layout) -> None:
    """Steps, an estimate of the time from some real ones, and one row as the model sees it."""
    steps = -(-len(rows.train) // run.recipe.batch_size) * run.recipe.epochs
    tokens = sum(len(row.input_ids) for row in rows.train) * run.recipe.epochs
    trial = take_some_steps(run, model, tokenizer, rows, layout)
    seconds = trial.seconds_a_token() * tokens / steps
    say(
        f"time: {steps} steps of about {seconds:.2f} s ({trial.tried()}), "
        f"about {steps * seconds / 60:.1f} minutes"
    )
    say("the first row; the loss is on what stands between « and »:")
    say(shown(tokenizer, rows.train[0]))
    say("dry run: nothing was written.")


def take_some_steps(
    run: TrainingRun, model: Any, tokenizer: Any, rows: Rows, layout: Layout
) -> Trial:
    """Real steps on rows of all lengths; their weights are thrown away with the model."""
    ordered = sorted(rows.train, key=lambda row: len(row.input_ids))
    wanted = (1 + _MOST) * run.recipe.batch_size
    some = ordered[:: max(1, len(ordered) // wanted)][:wanted]
    layout = in_parts(layout, some)
    trial = Trial(layout.accumulate)
    with tempfile.TemporaryDirectory() as scratch:
        trying = replace(run, output=Path(scratch), report_to="none")
        trainer = build(trying, model, tokenizer, some, layout)
        trainer.args.save_strategy = SaveStrategy.NO
        trainer.args.include_num_input_tokens_seen = "non_padding"
        trainer.callback_handler.callbacks = [trial]
        say(f"trying a step to warm up, and then steps for {HALF_A_MINUTE:.0f} s, {_MOST} at most:")
        trainer.train()
    return trial


def in_parts(layout: Layout, rows: Sequence[Row]) -> Layout:
    """The layout with a step's rows accumulated where they would be read in several parts at once:
    between micro-batches a trial can end."""
    if layout.positions is None:
        return layout
    mean = sum(len(row.input_ids) for row in rows) / len(rows)
    micro = largest_part(layout.micro_batch, int(layout.positions / mean))
    return replace(layout, micro_batch=micro, accumulate=layout.micro_batch // micro)


@dataclass(frozen=True)
class Mark:
    """Where a trial stood after a micro-batch: at which second, after how many tokens and steps."""

    second: float
    tokens: int
    steps: int


class Trial(TrainerCallback):
    """Takes the time, says how it goes, and ends a step that does not fit into half a minute."""

    def __init__(self, micro_batches: int) -> None:
        self._micro_batches = micro_batches  # of a step
        self._marks: list[Mark] = []
        self._ends: list[Mark] = []  # of whole steps, the first of which warms up
        self._said = 0.0

    def on_train_begin(self, *_: Any, **__: Any) -> None:
        self._said = time.monotonic()
        self._marks = [Mark(self._said, 0, 0)]

    def on_substep_end(self, *event: Any, **_: Any) -> None:
        _args, state, control = event
        mark = self._mark(state)
        if mark.second - self._said > _SILENT:
            done = (len(self._marks) - 1) % self._micro_batches
            self._say(f"step {mark.steps + 1}, micro-batch {done} of {self._micro_batches}")
        control.should_training_stop = anywhere(self._spent() > HALF_A_MINUTE)

    def on_step_end(self, *event: Any, **_: Any) -> None:
        _args, state, control = event
        before = self._ends[-1] if self._ends else self._marks[0]
        mark = self._mark(state)
        self._say(f"step {mark.steps}: {mark.second - before.second:.2f} s")
        timed = len(self._ends)
        with_the_next = self._spent() * (timed + 1) / max(1, timed)
        self._ends.append(mark)
        control.should_training_stop = anywhere(timed == _MOST or with_the_next > HALF_A_MINUTE)

    def seconds_a_token(self) -> float:
        """From the steps after the first; from micro-batches if no whole one followed it."""
        begin, end = self._timed()
        return (end.second - begin.second) / max(1, end.tokens - begin.tokens)

    def tried(self) -> str:
        """What the estimate was taken from."""
        begin, end = self._timed()
        if end.steps > begin.steps and begin in self._ends:
            count = end.steps - begin.steps
            return "1 was tried" if count == 1 else f"{count} were tried"
        count = self._marks.index(end) - self._marks.index(begin)
        tried = "1 micro-batch was tried" if count == 1 else f"{count} micro-batches were tried"
        return f"no whole one after the first fits into {HALF_A_MINUTE:.0f} s: {tried}"

    def _timed(self) -> tuple[Mark, Mark]:
        """The marks between which the estimate is taken: what comes first is slower."""
        if len(self._ends) > 1:
            return self._ends[0], self._ends[-1]
        if self._ends and self._marks[-1] is not self._ends[0]:
            return self._ends[0], self._marks[-1]
        return self._marks[min(1, len(self._marks) - 2)], self._marks[-1]

    def _spent(self) -> float:
        """Seconds since the timed steps began, or before them since the first one did."""
        begin = self._ends[0] if self._ends else self._marks[0]
        return self._marks[-1].second - begin.second

    def _mark(self, state: Any) -> Mark:
        mark = Mark(time.monotonic(), state.num_input_tokens_seen, state.global_step)
        self._marks.append(mark)
        return mark

    def _say(self, text: str) -> None:
        self._said = time.monotonic()
        say(f"  {text}")
