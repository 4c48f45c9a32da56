"""The loop: `trl.SFTTrainer`, with its stops made safe and its measurements made exact."""

from __future__ import annotations

import contextlib
import os
import signal
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import torch
from accelerate import PartialState
from accelerate.utils import reduce
from datasets import Dataset, disable_progress_bars
from huggingface_hub import constants
from tqdm import tqdm
from transformers import ProgressCallback, TrainerCallback
from transformers.trainer_callback import PrinterCallback
from transformers.trainer_pt_utils import get_length_grouped_indices
from transformers.trainer_utils import SaveStrategy
from trl import SFTConfig, SFTTrainer
from trl.trainer.sft_trainer import DataCollatorForLanguageModeling

from hera import loading
from hera.errors import TrainingError, one_line
from train import folder
from train.dropout import use_bit_dropout
from train.head import compact_head
from train.layout import Layout
from train.recipe import Recipe, Run
from train.rows import IGNORED, Row

_EVALUATED_TOGETHER = 8
_SAVE_EVERY = 10  # steps, at least: more often, a short run on a CPU is half spent on saving
constants.HF_HUB_DISABLE_TELEMETRY = True  # TRL's trainers report to the Hub what they train
if not sys.stderr.isatty():
    disable_progress_bars()


class Trainer(SFTTrainer):
    """SFTTrainer that never takes a step on a loss that is no number, and says what a failed save
    leaves behind."""

    def training_step(self, *args: Any, **kwargs: Any) -> torch.Tensor:
        loss = super().training_step(*args, **kwargs)
        if not torch.isfinite(loss):
            raise TrainingError(
                f"The loss of step {self.state.global_step + 1} is {loss.item()}. {self._left()} "
                "A smaller learning rate, or --bits 16, may help."
            )
        return loss

    def _save_checkpoint(self, *args: Any, **kwargs: Any) -> None:
        try:
            super()._save_checkpoint(*args, **kwargs)
        except Exception as error:  # each of the libraries that write has its own type for no room
            raise TrainingError(
                f"The checkpoint of step {self.state.global_step} cannot be written "
                f"({one_line(error)}). {self._left()} Free some space, then go on with --resume."
            ) from error

    def _left(self) -> str:
        last = folder.last_checkpoint(Path(self.args.output_dir).parent)
        return f"The last good checkpoint is {last}." if last else "There is no checkpoint yet."


class Progress(TrainerCallback):
    """Loss and non-padding tokens a second: a bar on a terminal, ten lines elsewhere."""

    def __init__(self) -> None:
        self._bar: Any = None
        self._began, self._tokens = 0.0, 0.0

    def on_train_begin(self, _args: Any, state: Any, _control: Any, **_: Any) -> None:
        self._began = time.monotonic()
        self._tokens = 0.0
        if state.is_world_process_zero and sys.stderr.isatty():
            self._bar = tqdm(total=state.max_steps, initial=state.global_step, unit="step")

    def on_step_end(self, _args: Any, state: Any, _control: Any, **_: Any) -> None:
        if self._bar is not None:
            self._bar.update(state.global_step - self._bar.n)

    def on_log(self, args: Any, state: Any, _control: Any, logs: Any = None, **_: Any) -> None:
        if "loss" not in (logs or {}) or not state.is_world_process_zero:
            return
        before, self._tokens = self._tokens, logs.get("num_tokens", 0.0)
        rate = max(0.0, self._tokens - before) / max(1e-9, time.monotonic() - self._began)
        self._began = time.monotonic()
        logs["tokens_per_second"] = round(rate, 1)
        shown = f"loss {logs['loss']:.3f}, {rate:,.0f} tokens/s"
        if self._bar is not None:
            self._bar.set_postfix_str(shown)
        elif state.global_step % max(1, state.max_steps // 10) < args.logging_steps:
            print(f"step {state.global_step} of {state.max_steps}: {shown}", flush=True)

    def on_train_end(self, _args: Any, _state: Any, _control: Any, **_: Any) -> None:
        if self._bar is not None:
            self._bar.close()


class Interrupt(TrainerCallback):
    """Ctrl-C ends the run after the step at work, with a checkpoint; a second one at once."""

    def __init__(self) -> None:
        self.asked = False

    @contextlib.contextmanager
    def listening(self) -> Iterator[None]:
        """Within, SIGINT asks the loop to save and stop."""
        before = signal.getsignal(signal.SIGINT)
        signal.signal(signal.SIGINT, self._ask)
        try:
            yield
        finally:
            signal.signal(signal.SIGINT, before)

    def _ask(self, *_: Any) -> None:
        if self.asked:
            raise KeyboardInterrupt
        self.asked = True
        os.write(2, b"saving a checkpoint ... (Ctrl-C again stops at once)\n")

    def on_step_end(self, _args: Any, _state: Any, control: Any, **_: Any) -> None:
        if self._anywhere():
            control.should_save = True
            control.should_training_stop = True

    def _anywhere(self) -> bool:
        """Whether any process was asked: they must all stop after the same step."""
        state = PartialState()
        if state.num_processes > 1:
            asked = torch.tensor(int(self.asked), device=state.device)
            self.asked = bool(reduce(asked, reduction="sum").item())
        return self.asked


def build(model: Any, tokenizer: Any, rows: Sequence[Row], layout: Layout, run: Run) -> Trainer:
    """The trainer of a run, its rows in the order in which it will take them."""
    ordered = arrange(rows, layout, run.recipe)
    trainer = Trainer(
        model=model,
        args=arguments(run, layout, len(ordered)),
        train_dataset=Dataset.from_list([row.columns for row in ordered]),
        processing_class=tokenizer,
        callbacks=[Progress()],
    )
    if trainer.args.device.type == "cpu":
        compact_head(model.get_base_model())
        use_bit_dropout(model)
    for theirs in (PrinterCallback, ProgressCallback):
        trainer.remove_callback(theirs)
    return trainer


def arrange(rows: Sequence[Row], layout: Layout, recipe: Recipe) -> list[Row]:
    """The rows in seeded order, those of one step similar in length (packing sorts its own).

    The order depends on nothing but the seed: not on the state of a random generator, which a
    resumed run has not got, and not on the number of processes.
    """
    if layout.packing:
        return list(rows)
    lengths = [len(row.input_ids) for row in rows]
    generator = torch.Generator().manual_seed(recipe.seed)
    order = get_length_grouped_indices(lengths, recipe.batch_size, generator=generator)
    return [rows[i] for i in order]


def arguments(run: Run, layout: Layout, rows: int) -> SFTConfig:
    """What `trl.SFTTrainer` is told."""
    recipe, device = run.recipe, loading.choose_device("auto")
    steps = max(1, rows * recipe.epochs // recipe.batch_size)
    return SFTConfig(
        output_dir=str(run.output / folder.CHECKPOINTS),
        num_train_epochs=recipe.epochs,
        learning_rate=recipe.learning_rate,
        lr_scheduler_type="cosine",
        warmup_steps=recipe.warmup,
        weight_decay=recipe.weight_decay,
        per_device_train_batch_size=layout.micro_batch,
        gradient_accumulation_steps=layout.accumulate,
        train_sampling_strategy="sequential",
        packing=layout.packing,
        max_length=recipe.max_length if layout.packing else None,
        completion_only_loss=True,
        bf16=loading.has_bfloat16(device),
        use_cpu=device == "cpu",
        activation_checkpointing=layout.checkpointing,
        save_strategy="steps",
        save_steps=max(_SAVE_EVERY, steps // 20),
        save_total_limit=2,
        logging_steps=max(1, steps // 50),
        logging_nan_inf_filter=False,
        report_to=run.report_to,
        seed=recipe.seed,
        data_seed=recipe.seed,
        dataloader_pin_memory=device == "cuda",
        disable_tqdm=True,
    )


def held_out(trainer: Trainer, rows: Sequence[Row]) -> dict[str, float]:
    """Mean loss and accuracy of the next token over every completion token, in all processes.

    Returns:
        {"loss": nats per token, "token_accuracy", "tokens"}.
    """
    accelerator = trainer.accelerator
    pad = trainer.processing_class.pad_token_id
    collate = DataCollatorForLanguageModeling(pad_token_id=pad)
    ordered = sorted(rows, key=lambda row: len(row.input_ids))
    # Every process takes the same number of rows: the fill carries no label.
    fill = Row([pad, pad], [IGNORED, IGNORED], cut=False)
    ordered += [fill] * (-len(ordered) % (accelerator.num_processes * _EVALUATED_TOGETHER))
    mine = ordered[accelerator.process_index :: accelerator.num_processes]
    sums = torch.zeros(3, dtype=torch.float64, device=accelerator.device)
    trainer.model.eval()
    for start in range(0, len(mine), _EVALUATED_TOGETHER):
        batch = collate([row.columns for row in mine[start : start + _EVALUATED_TOGETHER]])
        inputs = {k: v.to(accelerator.device) for k, v in batch.items()}
        with torch.no_grad(), accelerator.autocast():
            out = trainer.model(**inputs, fused_lm_head=True)
        parts = (-out.log_probs.sum(), out.is_top1.sum(), out.label_mask.sum())
        sums += torch.stack([part.double() for part in parts])
    loss, right, tokens = accelerator.reduce(sums, reduction="sum").tolist()
    return {"loss": loss / tokens, "token_accuracy": right / tokens, "tokens": int(tokens)}


def seconds_a_step(
    model: Any, tokenizer: Any, rows: Sequence[Row], layout: Layout, run: Run
) -> float:
    """The time of an optimizer step, from three real ones after a first that warms up; their
    weights are thrown away with the model."""
    ordered = sorted(rows, key=lambda row: len(row.input_ids))
    every = max(1, len(ordered) // (4 * run.recipe.batch_size))
    some = ordered[::every][: 4 * run.recipe.batch_size]
    clock = _Clock()
    with tempfile.TemporaryDirectory() as scratch:
        trial = replace(run, output=Path(scratch), report_to="none")
        trainer = build(model, tokenizer, some, layout, trial)
        trainer.args.save_strategy = SaveStrategy.NO
        trainer.callback_handler.callbacks = [clock]
        trainer.train()
    ends = clock.ends
    return (ends[-1] - ends[0]) / max(1, len(ends) - 1) if len(ends) > 1 else clock.seconds


class _Clock(TrainerCallback):
    def __init__(self) -> None:
        self.began = time.perf_counter()
        self.ends: list[float] = []

    def on_step_end(self, _args: Any, _state: Any, _control: Any, **_: Any) -> None:
        self.ends.append(time.perf_counter())

    @property
    def seconds(self) -> float:
        return time.perf_counter() - self.began
