"""Three ways to train stage 1 on the same rows, in one run: `python -m benchmarks.speed train`.

`original`: the notebooks' recipe, one row at a time, two a step, no packing, loss on everything.
`defaults`: `trl.SFTTrainer` as it comes. `hera`: `python -m train.stage1`, as a user runs it. Each
runs in a process of its own, in turn, so that its peak memory is its own; only the loop is timed.
`--random REF` builds a model of that shape with random weights first, for bases that cannot be had.
On a GPU it also prints the model FLOPs utilisation; no GPU was at hand yet, so that part, and
Unsloth beside it, have not been run.
"""

from __future__ import annotations

import argparse
import json
import random
import statistics
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from benchmarks.harness.child import run_child
from benchmarks.speed.recipes import OTHERS, Timing
from hera.cli.flags import add_ref_flag
from hera.data import Question, load_pubmedqa
from hera.errors import ConfigError, ModelError, one_line
from hera.evaluation import records, training_record
from hera.evaluation.provenance import machine
from hera.refs import EMBEDDED, EMBEDDED_DIR, Ref

ARMS = (*OTHERS, "hera")
GIB = 2**30


def main(argv: Sequence[str]) -> None:
    """The `train` part of the command."""
    args = flags().parse_args(argv)
    if args.repeats < 1 or args.samples < 20:
        raise ConfigError("--repeats must be at least 1 and --samples at least 20.")
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        data = write_rows(folder / "rows.jsonl", args.samples, args.seed)
        model = random_model(args.random, folder / "model") if args.random else args.model
        timings: dict[str, list[Timing]] = {arm: [] for arm in ARMS}
        for i in range(args.repeats):
            for arm in ARMS:
                out = folder / f"{arm}-{i}"
                timings[arm].append(time_arm(arm, model, data, args.samples, args.bits, out))
    print(recipes_table(timings))
    here = machine()
    print(
        f"{args.samples} rows, seed {args.seed}, {args.repeats} repeats, {here.cpus} CPUs, "
        f"{timings['hera'][0].device}, torch {here.versions['torch']}"
    )


def flags() -> argparse.ArgumentParser:
    """The flags of `benchmarks.speed train`."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.speed train", description="Compare three ways to train stage 1."
    )
    add_ref_flag(parser, "--model", "the base ('embedded')", default=EMBEDDED)
    parser.add_argument(
        "--random", metavar="REF", help="a model of this one's shape, with random weights, instead"
    )
    parser.add_argument("--bits", type=int, choices=(16, 8, 4), default=16, help="of the base (16)")
    parser.add_argument("--samples", type=int, default=160, metavar="N", help="rows (160)")
    parser.add_argument("--repeats", type=int, default=3, metavar="N", help="runs of each (3)")
    parser.add_argument("--seed", type=int, default=42, metavar="S", help="of the rows")
    return parser


def write_rows(path: Path, samples: int, seed: int) -> Path:
    """A seeded sample of the embedded training questions, in the Hub's schema."""
    chosen = random.Random(seed).sample(load_pubmedqa(split="train"), samples)
    path.write_text("".join(json.dumps(hub_row(q)) + "\n" for q in chosen), encoding="utf-8")
    return path


def hub_row(question: Question) -> dict[str, Any]:
    """A question in the schema of PubMedQA on the Hub."""
    return {
        "pubid": question.id,
        "question": question.question,
        "context": {"contexts": list(question.contexts), "labels": list(question.labels)},
        "long_answer": question.long_answer,
        "final_decision": question.decision,
    }


def random_model(ref: str, folder: Path) -> str:
    """A folder with a model of REF's shape and random weights, and the embedded tokenizer."""
    import torch
    from transformers import AutoConfig, AutoModelForCausalLM, AutoTokenizer

    where, revision = Ref.of(ref, "--random").pretrained()
    try:
        config = AutoConfig.from_pretrained(where, revision=revision)
    except Exception as error:  # the Hub's client and transformers have many types for "not there"
        raise ModelError(
            f"--random {ref}: its config cannot be read ({one_line(error)})."
        ) from error
    torch.manual_seed(0)
    model = AutoModelForCausalLM.from_config(config, dtype=torch.bfloat16)
    model.save_pretrained(folder)
    AutoTokenizer.from_pretrained(EMBEDDED_DIR).save_pretrained(folder)
    return str(folder)


def time_arm(arm: str, model: Ref | str, data: Path, samples: int, bits: int, out: Path) -> Timing:
    """One run of one arm in a process of its own.

    Raises:
        TrainingError: it failed, with its last line.
    """
    flags = ("--model", str(model), "--data", str(data), "--bits", str(bits), "--output", str(out))
    command = (
        ("-m", "train.stage1", "--no-probes", "--samples", str(samples), *flags)
        if arm == "hera"
        else ("-m", "benchmarks.speed.recipes", arm, *flags)
    )
    run_child(command, f"The arm {arm} failed")
    return records.read(out / training_record.FILE, Timing)


def utilisation(timing: Timing) -> float | None:
    """Model FLOPs utilisation on CUDA: 4 FLOPs a parameter and token (a frozen base has no weight
    gradients; PaLM, Chowdhery et al. 2022, appendix B, counts 6), over the device's peak."""
    if not timing.device.startswith("cuda"):
        return None
    import torch
    from trl.trainer.utils import get_peak_flops

    peak = get_peak_flops(torch.cuda.get_device_name(), "bf16")
    return float(4 * timing.parameters * timing.tokens_per_second / peak) if peak else None


def recipes_table(timings: Mapping[str, Sequence[Timing]]) -> str:
    """A line an arm: medians, and the ratio to the original's samples a second with its range."""
    lines = [f"{'':10} samples/s  tokens/s  peak GiB   MFU   ratio to original (range)"]
    first = [run.samples_per_second for run in timings["original"]]
    for arm, runs in timings.items():
        ratios = [run.samples_per_second / f for run, f in zip(runs, first, strict=True)]
        samples = statistics.median(run.samples_per_second for run in runs)
        tokens = statistics.median(run.tokens_per_second for run in runs)
        memory = statistics.median(run.peak_memory_bytes for run in runs)
        share = utilisation(runs[0])
        mfu = "    -" if share is None else f"{share:5.1%}"
        lines.append(
            f"{arm:10} {samples:9.2f} {tokens:9.0f} {memory / GIB:9.2f} {mfu}   "
            f"{statistics.median(ratios):.2f} ({min(ratios):.2f} to {max(ratios):.2f})"
        )
    return "\n".join(lines)
