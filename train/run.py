"""One run from its examples to an adapter in a folder: what both stages call."""

from __future__ import annotations

import shutil
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from hera import hub, output
from hera.errors import HubError, TrainingError, one_line
from hera.memory import peak_bytes
from hera.push import push
from hera.refs import EMBEDDED, EMBEDDED_BASE, find_file, for_record, local_path, split_revision
from train import folder, layout, record
from train.recipe import Run, check_vocabulary, lora_config
from train.rows import Example, Rows, prepare, shown


@dataclass(frozen=True)
class Source:
    """The examples of a run, the fingerprint of the data they were made from, what of it could not
    be used, and the REF of data that was mixed in."""

    examples: Sequence[Example]
    sha256: str
    unusable: Sequence[str] = field(default_factory=list)
    mix: str | None = None


@dataclass(frozen=True)
class Start:
    """What training begins from: nothing (a new adapter), an adapter that it goes on with, or, if
    `fresh`, an adapter merged into the base under a new one."""

    adapter: str | None = None
    fresh: bool = False


def train(run: Run, start: Start, source: Source) -> dict[str, Any] | None:
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
    identity = record.arguments_of(
        run,
        adapter=start.adapter and for_record(start.adapter),
        fresh=start.fresh,
        mix=source.mix and for_record(source.mix),
        data_sha256=source.sha256,
    )
    output.check(run.output, folder.identity_of(run.output), identity, run.resume)
    check_push(run)
    if folder.finished(run.output):
        say(f"{run.output} is already complete.")
        return output.read(run.output / folder.RECORD)
    tokenizer, model = load(run, start)
    rows = prepare(tokenizer, source.examples, run.recipe.max_length, run.recipe.held_out)
    plan = plan_of(model, rows, run)
    report(run, rows, source, plan, model)
    if run.dry_run:
        dry_run(run, model, tokenizer, rows, plan)
        return None
    if is_main():
        output.begin(run.output, folder.IDENTITY, identity)
    result = fit(run, model, tokenizer, rows, plan)
    told = {"arguments": identity, "earlier": earlier(start), **result}
    return finish(run, start, tokenizer, model, rows, told)


def earlier(start: Start) -> list[dict[str, Any]]:
    """The arguments of the runs that made the adapter begun from, oldest first, as far as its own
    `training.json` tells them."""
    if start.adapter is None:
        return []
    path = find_file(start.adapter, folder.RECORD, "--adapter")
    if path is None:
        return []
    told = output.read(path)
    return [*told.get("earlier", []), told["arguments"]]


def load(run: Run, start: Start) -> tuple[Any, Any]:
    """(tokenizer, PEFT model ready to train), seeded."""
    from accelerate import PartialState
    from peft import get_peft_model, prepare_model_for_kbit_training
    from transformers import set_seed

    from hera import loading

    device = loading.choose_device("auto")
    # Gives each process its own GPU, before anything is put there.
    PartialState(cpu=device == "cpu")
    set_seed(run.recipe.seed)
    dtype = "float32" if device == "cpu" else "auto"
    tokenizer, model = loading.load_base(run.model, dtype=dtype, bits=run.bits, training=True)
    check_vocabulary(tokenizer, model, run.model)
    if run.bits < 16:
        # Checkpointing is the layout's decision, taken once the rows are known.
        model = prepare_model_for_kbit_training(model, use_gradient_checkpointing=False)
    if start.adapter is None:
        return tokenizer, get_peft_model(model, lora_config(run.recipe))
    going_on = not start.fresh
    model = loading.add_adapter(model, "default", start.adapter, trainable=going_on)
    if start.fresh:
        model = get_peft_model(model.merge_and_unload(), lora_config(run.recipe))
    return tokenizer, model


def plan_of(model: Any, rows: Rows, run: Run) -> layout.Layout:
    """The layout for the devices at hand: one for all, by the one with the least free memory."""
    import torch
    from accelerate import PartialState
    from accelerate.utils import gather

    from hera.loading import has_bfloat16

    device = model.device.type
    shape = layout.shape_of(model, mixed=has_bfloat16(device))
    # The weights are there already; the estimate counts them again.
    state = PartialState()
    free = torch.tensor([layout.free_bytes(device) + shape.weight_bytes], device=state.device)
    least = int(gather(free).min().item())
    return layout.choose_layout(shape, rows.train, run.recipe, state.num_processes, least)


def report(run: Run, rows: Rows, source: Source, plan: layout.Layout, model: Any) -> None:
    """What is about to happen, in a few lines."""
    for problem in [*source.unusable, *rows.unusable]:
        say(f"left out: {problem}")
    say(rows.report())
    say(plan.report(str(model.device), model.config._attn_implementation))
    trainable, total = model.get_nb_trainable_parameters()
    say(f"adapter: {trainable:,} of {total:,} parameters are trained; base in {run.bits} bits")


def dry_run(run: Run, model: Any, tokenizer: Any, rows: Rows, plan: layout.Layout) -> None:
    """Steps, an estimate of the time from three real ones, and one row as the model sees it."""
    from train.loop import seconds_a_step

    steps = -(-len(rows.train) // run.recipe.batch_size) * run.recipe.epochs
    seconds = seconds_a_step(model, tokenizer, rows.train, plan, run)
    say(
        f"time: {steps} steps of about {seconds:.2f} s (three were tried), "
        f"about {steps * seconds / 60:.1f} minutes"
    )
    say("the first row; the loss is on what stands between « and »:")
    say(shown(tokenizer, rows.train[0]))
    say("dry run: nothing was written.")


def fit(run: Run, model: Any, tokenizer: Any, rows: Rows, plan: layout.Layout) -> dict[str, Any]:
    """Run the loop, from the last checkpoint if there is one; returns its measurements."""
    from train import loop

    trainer = loop.build(model, tokenizer, rows.train, plan, run)
    began = time.monotonic()
    before = loop.held_out(trainer, rows.held_out)
    checkpoint = folder.last_checkpoint(run.output) if run.resume else None
    if checkpoint:
        say(f"going on from {checkpoint}")
    interrupt = loop.Interrupt()
    trainer.add_callback(interrupt)
    started = time.monotonic()
    with interrupt.listening():
        trainer.train(resume_from_checkpoint=str(checkpoint) if checkpoint else None)
    training = time.monotonic() - started
    if interrupt.asked and trainer.state.global_step < trainer.state.max_steps:
        raise KeyboardInterrupt(
            f"step {trainer.state.global_step} of {trainer.state.max_steps} is saved in "
            f"{run.output}; the same command with --resume goes on."
        )
    after = loop.held_out(trainer, rows.held_out)
    say(
        f"held-out loss {before['loss']:.4f} -> {after['loss']:.4f} nats per token, "
        f"token accuracy {before['token_accuracy']:.3f} -> {after['token_accuracy']:.3f} "
        f"({len(rows.held_out)} rows, {after['tokens']} tokens)"
    )
    return {
        "held_out": {"rows": len(rows.held_out), "before": before, "after": after},
        "losses": record.losses(trainer.state.log_history),
        "steps": trainer.state.global_step,
        "tokens": sum(len(row.input_ids) for row in rows.train) * run.recipe.epochs,
        "training_seconds": round(training, 2),
        "seconds": round(time.monotonic() - began, 2),
        "peak_memory_bytes": peak_bytes(str(trainer.accelerator.device)),
        "layout": asdict(plan),
        "parameters": model.num_parameters(),
        "device": str(trainer.accelerator.device),
        "processes": trainer.accelerator.num_processes,
        "mixed_precision": trainer.accelerator.mixed_precision,
    }


def finish(
    run: Run, start: Start, tokenizer: Any, model: Any, rows: Rows, result: dict[str, Any]
) -> dict[str, Any]:
    """Write adapter, tokenizer, curve and, last, the record; then the checkpoints may go."""
    from safetensors import SafetensorError

    from hera.environment import machine

    counts = {
        "train": len(rows.train),
        "held_out": len(rows.held_out),
        "cut": sum(row.cut for row in rows.all),
        "unusable": len(rows.unusable),
    }
    whole = {**result, "rows": counts, "environment": machine()}
    if is_main():
        try:
            save_adapter(model, start, run)
            tokenizer.save_pretrained(run.output)
            held_out = result["held_out"]
            record.draw(
                run.output / record.CURVE, result["losses"], held_out["before"], held_out["after"]
            )
            output.write(run.output / folder.RECORD, whole)
        except (OSError, SafetensorError) as error:
            raise TrainingError(
                f"The trained adapter cannot be written to {run.output} ({one_line(error)}). Free "
                "some space, then go on with --resume."
            ) from error
        shutil.rmtree(run.output / folder.CHECKPOINTS)
        (run.output / folder.IDENTITY).unlink()
    return whole


def save_adapter(model: Any, start: Start, run: Run) -> None:
    """The adapter's weights and config; the base is named as it was given, never as a local path
    inside this package. A fresh adapter is joined with the one beneath it into one: the ranks add
    up, and the result is an adapter of the original base.
    """
    from hera import loading

    name = "default"
    if start.fresh:
        loading.add_adapter(model, "beneath", str(start.adapter))
        name = "joined"
        model.add_weighted_adapter(["beneath", "default"], [1.0, 1.0], name, "cat")
    name_base(model.peft_config[name], run.model)
    scratch = run.output / folder.CHECKPOINTS / "adapter"
    model.save_pretrained(str(scratch), selected_adapters=[name], safe_serialization=True)
    inner = scratch / name if name != "default" else scratch
    for file in ("adapter_model.safetensors", "adapter_config.json"):
        (inner / file).replace(run.output / file)


def name_base(config: Any, ref: str) -> None:
    """Write the base's REF into an adapter's config, as PEFT reads it."""
    hub_id, revision = split_revision(ref)
    if ref == EMBEDDED:
        config.base_model_name_or_path = EMBEDDED_BASE
    elif local_path(ref) is None:
        config.base_model_name_or_path, config.revision = hub_id, revision
    else:
        config.base_model_name_or_path = for_record(ref)


def check_push(run: Run) -> None:
    """Raises HubError before any training if what it makes could not be pushed."""
    if run.push_to and not run.dry_run and is_main():
        hub.owner(hub.connect(), run.push_to)


def publish(run: Run) -> None:
    """Say where the finished adapter is, and push it if that was asked for.

    Raises:
        HubError: the Hub refuses; the adapter stays where it is.
    """
    say(f"adapter written to {run.output}")
    if run.push_to and is_main():
        try:
            say(push(run.output, run.push_to, private=run.private))
        except HubError as error:
            again = f"python -m hera.push {run.output} --to {run.push_to}"
            raise HubError(
                f"{error} The adapter is whole in {run.output}; later: {again}"
            ) from error


def is_main() -> bool:
    """Whether this process speaks and writes (of several under `accelerate launch`)."""
    from accelerate import PartialState

    return bool(PartialState().is_main_process)


def say(text: str) -> None:
    """A line on stdout, once, however many processes there are."""
    if is_main():
        print(text, flush=True)
