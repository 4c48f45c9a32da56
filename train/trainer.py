"""The loop: `trl.SFTTrainer`, with its stops made safe and its measurements made exact."""

from __future__ import annotations

import math
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch
from datasets import Dataset, disable_progress_bars
from transformers import ProgressCallback
from transformers.trainer_callback import PrinterCallback
from transformers.trainer_pt_utils import get_length_grouped_indices
from trl.trainer.sft_config import SFTConfig
from trl.trainer.sft_trainer import DataCollatorForLanguageModeling, SFTTrainer

from hera.cli import private
from hera.errors import TrainingError, one_line
from hera.evaluation.training_record import HeldOutLoss, LoggedLoss
from hera.weights.hardware import choose_device, has_bfloat16
from train.callbacks import Progress
from train.dropout import use_bit_dropout
from train.folder import CHECKPOINTS, last_checkpoint
from train.head import compact_head
from train.layout import Layout
from train.lowered import cast_once, compile_layers, is_lowered, lower_adapter
from train.processes import is_main, say
from train.recipe import Recipe, TrainingRun
from train.rows import IGNORED, Row

REPORTS = "reports"
"""TensorBoard's folder beside the adapter."""

_TENSORBOARD = "tensorboard"
_EVALUATED_TOGETHER = 8
_SAVE_EVERY = 10  # steps, at least: more often, a short run on a CPU is half spent on saving


class Trainer(SFTTrainer):
    """SFTTrainer that never takes a step on a loss that is no number, and says what a failed save
    leaves behind."""

    positions: int | None = None
    """Tokens that are read at once, padding included; None for all rows that come together."""

    def training_step(
        self, model: Any, inputs: dict[str, torch.Tensor], num_items_in_batch: Any = None
    ) -> torch.Tensor:
        parts = [inputs] if self.positions is None else split(inputs, self.positions)
        losses = [super(Trainer, self).training_step(model, p, num_items_in_batch) for p in parts]
        loss = torch.stack(losses).sum()
        self.check_loss(loss.item(), f"step {self.state.global_step + 1}")
        return loss

    def check_loss(self, loss: float, where: str) -> None:
        """Raises TrainingError if it is no number."""
        if not math.isfinite(loss):
            raise TrainingError(
                f"The loss of {where} is {loss}. {self._left()} "
                "A smaller learning rate, or --bits 16, may help."
            )

    def _save_checkpoint(self, *args: Any, **kwargs: Any) -> None:
        try:
            super()._save_checkpoint(*args, **kwargs)
        except Exception as error:  # each of the libraries that write has its own type for no room
            raise TrainingError(
                f"The checkpoint of step {self.state.global_step} cannot be written "
                f"({one_line(error)}). {self._left()} Free some space, then go on with --resume."
            ) from error

    def _left(self) -> str:
        last = last_checkpoint(Path(str(self.args.output_dir)).parent)
        return f"The last good checkpoint is {last}." if last else "There is no checkpoint yet."


def split(batch: dict[str, torch.Tensor], positions: int) -> list[dict[str, torch.Tensor]]:
    """A batch in parts of rows of similar length, the longest first.

    Args:
        batch: [rows, tokens] each, padded on the right; `attention_mask` among them.
        positions: the most that a part of several rows holds, padding included.
    """
    lengths = batch["attention_mask"].sum(1)
    left = lengths.argsort(descending=True, stable=True).tolist()
    parts = []
    while left:
        longest = int(lengths[left[0]])
        now, left = left[: max(1, positions // longest)], left[max(1, positions // longest) :]
        parts.append({name: table[now, :longest] for name, table in batch.items()})
    return parts


def build(
    run: TrainingRun, model: Any, tokenizer: Any, rows: Sequence[Row], layout: Layout
) -> Trainer:
    """The trainer of a run, its rows in the order in which it will take them."""
    private()  # TRL's trainers report to the Hub what they train
    if not sys.stderr.isatty():
        disable_progress_bars()
    ordered = arrange(rows, layout, run.recipe)
    lowered = is_lowered(model)
    trainer = Trainer(
        model=model,
        args=arguments(run, layout, len(ordered), mixed=not lowered),
        train_dataset=Dataset.from_list([row.columns for row in ordered]),
        processing_class=tokenizer,
        callbacks=[Progress(), *reports(run)],
    )
    trainer.positions = layout.positions
    if trainer.args.device.type == "cpu":
        compact_head(model.get_base_model())
        use_bit_dropout(model)
    if trainer.args.bf16:
        cast_once(model)
    if lowered:
        lower_adapter(model)
        tokens = sum(len(row.input_ids) for row in rows) * run.recipe.epochs
        if not layout.checkpointing and compile_layers(model, tokens, run.recipe.dropout):
            say("the layers are compiled at the first step, which takes a minute or two")
    for theirs in (PrinterCallback, ProgressCallback):
        trainer.remove_callback(theirs)
    return trainer


def reports(run: TrainingRun) -> list[Any]:
    """TensorBoard's callback, if it is asked for: by itself it writes among the checkpoints, which
    go when the run is over."""
    if run.report_to != _TENSORBOARD or not is_main():
        return []
    from torch.utils.tensorboard import SummaryWriter
    from transformers.integrations.integration_utils import TensorBoardCallback

    return [TensorBoardCallback(SummaryWriter(str(run.output / REPORTS)))]


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


def arguments(run: TrainingRun, layout: Layout, rows: int, *, mixed: bool) -> SFTConfig:
    """What `trl.SFTTrainer` is told; `mixed` lets it cast to bfloat16 where the hardware has it."""
    recipe, device = run.recipe, choose_device("auto")
    steps = max(1, rows * recipe.epochs // recipe.batch_size)
    return SFTConfig(
        output_dir=str(run.output / CHECKPOINTS),
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
        bf16=mixed and has_bfloat16(device),
        use_cpu=device == "cpu",
        activation_checkpointing=layout.checkpointing,
        save_strategy="steps",
        save_steps=max(_SAVE_EVERY, steps // 20),
        save_total_limit=2,
        logging_steps=max(1, steps // 50),
        logging_nan_inf_filter=False,
        report_to="none" if run.report_to == _TENSORBOARD else run.report_to,
        project="hera",
        run_name=f"{run.stage} {run.output.name}",
        seed=recipe.seed,
        data_seed=recipe.seed,
        dataloader_pin_memory=device == "cuda",
        disable_tqdm=True,
    )


def held_out(trainer: Trainer, rows: Sequence[Row]) -> HeldOutLoss:
    """Mean loss and accuracy of the next token over every completion token, in all processes.

    Raises:
        TrainingError: the loss is no number.
    """
    model: Any = trainer.model
    tokenizer: Any = trainer.processing_class
    accelerator, pad = trainer.accelerator, tokenizer.pad_token_id
    collate = DataCollatorForLanguageModeling(pad_token_id=pad)
    ordered = sorted(rows, key=lambda row: len(row.input_ids))
    # Every process takes the same number of rows: the fill carries no label.
    fill = Row([pad, pad], [IGNORED, IGNORED], cut=False)
    ordered += [fill] * (-len(ordered) % (accelerator.num_processes * _EVALUATED_TOGETHER))
    mine = ordered[accelerator.process_index :: accelerator.num_processes]
    sums = torch.zeros(3, dtype=torch.float64, device=accelerator.device)
    model.eval()
    for start in range(0, len(mine), _EVALUATED_TOGETHER):
        batch = collate([row.columns for row in mine[start : start + _EVALUATED_TOGETHER]])
        inputs = {k: v.to(accelerator.device) for k, v in batch.items()}
        with torch.no_grad(), accelerator.autocast():
            out = model(**inputs, fused_lm_head=True)
        parts = (-out.log_probs.sum(), out.is_top1.sum(), out.label_mask.sum())
        sums += torch.stack([part.double() for part in parts])
    loss, right, tokens = accelerator.reduce(sums, reduction="sum").tolist()
    trainer.check_loss(loss / tokens, "the held-out rows")
    return HeldOutLoss(loss=loss / tokens, token_accuracy=right / tokens, tokens=int(tokens))


def losses(trainer: Trainer) -> tuple[LoggedLoss, ...]:
    """The training losses that were logged, oldest first."""
    kept = LoggedLoss.model_fields
    logged = [entry for entry in trainer.state.log_history if "loss" in entry]
    return tuple(LoggedLoss.of({k: entry[k] for k in kept if k in entry}) for entry in logged)
