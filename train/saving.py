"""What a finished run writes: adapter, tokenizer, the curve of its loss and, last, its record."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from hera.errors import TrainingError, one_line
from hera.evaluation import records, training_record
from hera.evaluation.training_record import HeldOut, LoggedLoss, Training
from hera.refs import BASES, Ref
from train.folder import CHECKPOINTS, IDENTITY
from train.processes import is_main
from train.recipe import TrainingRun
from train.starting import Start

CURVE = "loss.png"


def save(run: TrainingRun, start: Start, tokenizer: Any, model: Any, record: Training) -> None:
    """Write everything to `run.output`; then the checkpoints may go.

    Raises:
        TrainingError: it cannot be written; the checkpoints stay.
    """
    from safetensors import SafetensorError

    if not is_main():
        return
    output = run.output
    try:
        save_adapter(run, start, model)
        tokenizer.save_pretrained(output)
        draw_losses(output / CURVE, record.losses, record.held_out)
        records.write(output / training_record.FILE, record)
    except (OSError, SafetensorError) as error:
        raise TrainingError(
            f"The trained adapter cannot be written to {output} ({one_line(error)}). Free "
            "some space, then go on with --resume."
        ) from error
    shutil.rmtree(output / CHECKPOINTS)
    (output / IDENTITY).unlink()


def save_adapter(run: TrainingRun, start: Start, model: Any) -> None:
    """The adapter's weights and config; the base is named as it was given, never as a local path
    inside this package. A fresh adapter is joined with the one beneath it into one: the ranks add
    up, and the result is an adapter of the original base.
    """
    from hera.weights.adapters import add_adapter

    name = "default"
    if start.fresh and start.adapter is not None:
        add_adapter(model, "beneath", start.adapter, trainable=False)
        name = "joined"
        model.add_weighted_adapter(["beneath", "default"], [1.0, 1.0], name, "cat")
    name_base(model.peft_config[name], run.model)
    scratch = run.output / CHECKPOINTS / "adapter"
    model.save_pretrained(str(scratch), selected_adapters=[name], safe_serialization=True)
    inner = scratch / name if name != "default" else scratch
    for file in ("adapter_model.safetensors", "adapter_config.json"):
        (inner / file).replace(run.output / file)


def name_base(config: Any, base: Ref) -> None:
    """Write the base's REF into an adapter's config, as PEFT reads it."""
    if base.text in BASES:
        config.base_model_name_or_path = BASES[base.text]
    elif base.path is None and not base.is_gguf:
        config.base_model_name_or_path, config.revision = base.repo, base.revision
    else:
        config.base_model_name_or_path = base.recorded


def draw_losses(path: Path, trained: Sequence[LoggedLoss], held_out: HeldOut) -> None:
    """The loss over the steps, with the held-out loss before and after as points."""
    from matplotlib.figure import Figure

    steps = [entry.step for entry in trained]
    last = steps[-1] if steps else 1
    figure = Figure(figsize=(6.4, 3.6), dpi=120, layout="constrained")
    axis = figure.subplots()
    axis.plot(steps, [entry.loss for entry in trained], color="#0f766e", label="training")
    ends = [held_out.before.loss, held_out.after.loss]
    axis.plot([0, last], ends, "o", color="#b45309", label="held out")
    axis.set_xlabel("step")
    axis.set_ylabel("loss, nats per completion token")
    axis.set_ylim(bottom=0)
    axis.spines[["top", "right"]].set_visible(False)
    axis.legend(frameon=False)
    figure.savefig(path)
