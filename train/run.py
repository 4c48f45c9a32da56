"""One run from its examples to an adapter in a folder: what both stages call."""

from __future__ import annotations

import time
from dataclasses import asdict
from typing import Any

from hera.cli import output
from hera.evaluation.provenance import machine
from hera.evaluation.training_record import Arguments, HeldOut, RowCounts, Training
from hera.weights.files import weights_sha256
from hera.weights.gguf import unpacked
from hera.weights.hardware import peak_bytes
from train import folder, layout, saving, snapshots, starting
from train.layout import Layout
from train.processes import is_main, say
from train.publishing import check_push
from train.recipe import TrainingRun
from train.rows import Rows, TrainingData, prepare
from train.starting import Start


def announce(run: TrainingRun, start: Start) -> None:
    """What is about to be read, loaded and done: it takes a while, and a real base minutes."""
    upon = f" with {start.adapter}" if start.adapter else ""
    then = "try a few steps" if run.dry_run else f"train it into {run.output}"
    what = "dry run of " if run.dry_run else ""
    say(f"{what}{run.stage}: read {run.data}, load {run.model}{upon} in {run.bits} bits, {then}")


def train(run: TrainingRun, start: Start, data: TrainingData) -> Training | None:
    """Train, and write the adapter with its record to `run.output`.

    Returns:
        What `training.json` holds, or None after a dry run.

    Raises:
        ConfigError: the output folder is taken, or a flag cannot be served.
        ModelError: the base or the adapter cannot be loaded.
        DataError: too many rows cannot be used.
        TrainingError: the loss is no number, or a checkpoint cannot be written.
        KeyboardInterrupt: Ctrl-C, after a checkpoint.
    """
    identity = folder.identity(run, start, data)
    output.check(run.output, folder.identity_in(run.output), identity, run.resume)
    folder.check_writable(run.output)
    check_push(run)
    snapshots.check_snapshots(run, start)
    if folder.finished(run.output):
        say(f"{run.output} is already complete.")
        return folder.record(run.output)
    earlier = starting.earlier(start)
    say(f"loading {run.model} ...")
    tokenizer, model = starting.load(run, start)
    base_sha256 = weights_sha256(unpacked(run.model))  # before hours go into what it may refuse
    say(f"tokenizing {len(data.examples)} rows ...")
    rows = prepare(tokenizer, data.examples, run.recipe.max_length, run.recipe.held_out)
    plan = layout.for_devices(model, rows.train, run.recipe)
    report(run, data, rows, plan, model)
    if run.dry_run:
        from train import dry_run

        dry_run.rehearse(run, model, tokenizer, rows, plan)
        return None
    if is_main():
        output.begin(run.output, folder.IDENTITY, identity)
    measured = fit(run, start, model, tokenizer, rows, plan)
    record = Training(
        arguments=Arguments.of(identity),
        earlier=earlier,
        **measured,
        rows=counts(rows, data.official),
        environment=machine(),
        base_sha256=base_sha256,
    )
    saving.save(run, start, tokenizer, model, record)
    return record


def report(run: TrainingRun, data: TrainingData, rows: Rows, plan: Layout, model: Any) -> None:
    """What is about to happen, in a few lines."""
    for problem in [*data.unusable, *rows.unusable]:
        say(f"left out: {problem}")
    if data.official:
        say(f"left out: {data.official} questions of PubMedQA's official test split")
    say(rows.report())
    say(plan.report(str(model.device), model.config._attn_implementation))
    trainable, total = model.get_nb_trainable_parameters()
    say(f"adapter: {trainable:,} of {total:,} parameters are trained; base in {run.bits} bits")


def fit(
    run: TrainingRun, start: Start, model: Any, tokenizer: Any, rows: Rows, plan: Layout
) -> dict[str, Any]:
    """Run the loop, from the last checkpoint if there is one; returns its measurements."""
    from train import trainer as loop
    from train.film import Snapshots

    trainer = loop.build(run, model, tokenizer, rows.train, plan)
    began = time.monotonic()
    measuring = f"measuring the loss of {len(rows.held_out)} held-out rows"
    say(f"{measuring} before the training ...")
    before = loop.held_out(trainer, rows.held_out)
    if run.snapshots:
        trainer.add_callback(Snapshots(run, start, trainer, rows.held_out))
    training_seconds = take_steps(run, trainer)
    say(f"{measuring} after it ...")
    after = loop.held_out(trainer, rows.held_out)
    say(
        f"held-out loss {before.loss:.4f} -> {after.loss:.4f} nats per token, "
        f"token accuracy {before.token_accuracy:.3f} -> {after.token_accuracy:.3f} "
        f"({len(rows.held_out)} rows, {after.tokens} tokens)"
    )
    accelerator = trainer.accelerator
    return {
        "held_out": HeldOut(rows=len(rows.held_out), before=before, after=after),
        "losses": loop.losses(trainer),
        "steps": trainer.state.global_step,
        "tokens": sum(len(row.input_ids) for row in rows.train) * run.recipe.epochs,
        "training_seconds": round(training_seconds, 2),
        "seconds": round(time.monotonic() - began, 2),
        "peak_memory_bytes": peak_bytes(str(accelerator.device)),
        "layout": asdict(plan),
        "parameters": model.num_parameters(),
        "device": str(accelerator.device),
        "processes": accelerator.num_processes,
        "mixed_precision": accelerator.mixed_precision,
    }


def take_steps(run: TrainingRun, trainer: Any) -> float:
    """All steps that are left; returns the seconds that they took.

    Raises:
        KeyboardInterrupt: Ctrl-C, after a checkpoint.
    """
    from train.callbacks import Interrupt

    checkpoint = folder.last_checkpoint(run.output) if run.resume else None
    if checkpoint:
        say(f"going on from {checkpoint}")
    interrupt = Interrupt()
    trainer.add_callback(interrupt)
    started = time.monotonic()
    with interrupt.listening():
        trainer.train(resume_from_checkpoint=str(checkpoint) if checkpoint else None)
    seconds = time.monotonic() - started
    if interrupt.received and trainer.state.global_step < trainer.state.max_steps:
        raise KeyboardInterrupt(
            f"step {trainer.state.global_step} of {trainer.state.max_steps} is saved in "
            f"{run.output}; the same command with --resume goes on."
        )
    return seconds


def counts(rows: Rows, official: int) -> RowCounts:
    """What became of the rows; `official` are the test questions that were left out."""
    cut = sum(row.cut for row in rows.all)
    kept = {"train": len(rows.train), "held_out": len(rows.held_out), "cut": cut}
    left_out = {"unusable": len(rows.unusable)} | ({"official_test": official} if official else {})
    return RowCounts(**kept, **left_out)
