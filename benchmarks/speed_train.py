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
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from hera import prompts
from hera.cli import run
from hera.data import Question, load_pubmedqa
from hera.environment import machine
from hera.errors import ConfigError, ModelError, one_line
from hera.memory import peak_bytes
from hera.refs import EMBEDDED, EMBEDDED_DIR

ARMS = ("original", "defaults", "hera")
LORA_RATE = 2e-4
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
        results: dict[str, list[dict[str, float]]] = {arm: [] for arm in ARMS}
        for i in range(args.repeats):
            for arm in ARMS:
                out = folder / f"{arm}-{i}"
                results[arm].append(measure(arm, model, data, args.samples, args.bits, out))
    print(table(results))
    told = machine()
    print(
        f"{args.samples} rows, seed {args.seed}, {args.repeats} repeats, {told['cpus']} CPUs, "
        f"{results['hera'][0]['device']}, torch {told['versions']['torch']}"
    )


def flags() -> argparse.ArgumentParser:
    """The flags of `benchmarks.speed train`."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.speed train", description="Compare three ways to train stage 1."
    )
    parser.add_argument("--model", default=EMBEDDED, metavar="REF", help="the base ('embedded')")
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
    path.write_text("".join(json.dumps(_hub_row(q)) + "\n" for q in chosen), encoding="utf-8")
    return path


def _hub_row(question: Question) -> dict[str, Any]:
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

    try:
        config = AutoConfig.from_pretrained(ref)
    except Exception as error:  # the Hub's client and transformers have many types for "not there"
        raise ModelError(
            f"--random {ref}: its config cannot be read ({one_line(error)})."
        ) from error
    torch.manual_seed(0)
    model = AutoModelForCausalLM.from_config(config, dtype=torch.bfloat16)
    model.save_pretrained(folder)
    AutoTokenizer.from_pretrained(EMBEDDED_DIR).save_pretrained(folder)
    return str(folder)


def measure(
    arm: str, model: str, data: Path, samples: int, bits: int, out: Path
) -> dict[str, float]:
    """One run of one arm in a process of its own: seconds, rows, tokens, peak memory."""
    asked = ("--model", model, "--data", str(data), "--bits", str(bits), "--output", str(out))
    command = (
        ("-m", "train.stage1", "--samples", str(samples), *asked)
        if arm == "hera"
        else ("-m", "benchmarks.speed_train", arm, *asked)
    )
    done = subprocess.run([sys.executable, *command], capture_output=True, text=True, check=False)
    if done.returncode:
        told = done.stderr.strip().splitlines()[-1:] or [f"exit code {done.returncode}"]
        raise ModelError(f"The arm {arm} failed: {told[0]}")
    record = json.loads((out / "training.json").read_text(encoding="utf-8"))
    rows = record["rows"]["train"]
    return {
        "samples_per_second": rows / record["training_seconds"],
        "tokens_per_second": record["tokens"] / record["training_seconds"],
        "memory": record["peak_memory_bytes"],
        "device": record["device"],
        "utilisation": utilisation(record),
    }


def utilisation(record: dict[str, Any]) -> float | None:
    """Model FLOPs utilisation on CUDA: 4 FLOPs a parameter and token (a frozen base has no weight
    gradients; PaLM, Chowdhery et al. 2022, appendix B, counts 6), over the device's peak."""
    if not record["device"].startswith("cuda"):
        return None
    import torch
    from trl.trainer.utils import get_peak_flops

    peak = get_peak_flops(torch.cuda.get_device_name(), "bf16")
    if not peak:
        return None
    rate = record["tokens"] / record["training_seconds"]
    return float(4 * record["parameters"] * rate / peak)


def table(results: dict[str, list[dict[str, float]]]) -> str:
    """A line an arm: medians, and the ratio to the original's samples a second with its range."""
    lines = [f"{'':10} samples/s  tokens/s  peak GiB   MFU   ratio to original (range)"]
    first = [r["samples_per_second"] for r in results["original"]]
    for arm, runs in results.items():
        ratios = [r["samples_per_second"] / f for r, f in zip(runs, first, strict=True)]
        median = {
            key: statistics.median(r[key] for r in runs)
            for key in ("samples_per_second", "tokens_per_second", "memory")
        }
        share = runs[0]["utilisation"]
        mfu = "    -" if share is None else f"{share:5.1%}"
        lines.append(
            f"{arm:10} {median['samples_per_second']:9.2f} {median['tokens_per_second']:9.0f} "
            f"{median['memory'] / GIB:9.2f} {mfu}   {statistics.median(ratios):.2f} "
            f"({min(ratios):.2f} to {max(ratios):.2f})"
        )
    return "\n".join(lines)


def other_arm(argv: Sequence[str]) -> None:
    """Run `original` or `defaults` and write the part of a training.json that `measure` reads."""
    from datasets import Dataset
    from huggingface_hub import constants
    from peft import LoraConfig, get_peft_model, prepare_model_for_kbit_training
    from transformers import set_seed
    from trl import SFTTrainer

    from hera import loading

    constants.HF_HUB_DISABLE_TELEMETRY = True
    parser = argparse.ArgumentParser()
    parser.add_argument("arm", choices=ARMS[:2])
    parser.add_argument("--model")
    parser.add_argument("--data")
    parser.add_argument("--bits", type=int)
    parser.add_argument("--output", type=Path)
    args = parser.parse_args(argv)
    set_seed(42)
    questions = load_pubmedqa(args.data, split="train")
    cuda = loading.choose_device("auto") == "cuda"
    tokenizer, model = loading.load_base(
        args.model, dtype="auto" if cuda else "float32", bits=args.bits
    )
    if args.bits < 16:
        model = prepare_model_for_kbit_training(model)
    lora = LoraConfig(
        r=16, lora_alpha=32, lora_dropout=0.05, target_modules="all-linear", task_type="CAUSAL_LM"
    )
    trainer = SFTTrainer(
        model=get_peft_model(model, lora),
        args=arguments(args.arm, args.output, cuda),
        train_dataset=Dataset.from_list([row(q, args.arm) for q in questions]),
        processing_class=tokenizer,
    )
    began = time.monotonic()
    trainer.train()
    seconds = time.monotonic() - began
    tokens = sum(len(ids) for ids in trainer.train_dataset["input_ids"])
    device = str(trainer.accelerator.device)
    record = {
        "rows": {"train": len(questions)},
        "tokens": tokens,
        "training_seconds": seconds,
        "peak_memory_bytes": peak_bytes(device),
        "parameters": trainer.model.num_parameters(),
        "device": device,
    }
    (args.output / "training.json").write_text(json.dumps(record), encoding="utf-8")


def row(question: Question, arm: str) -> dict[str, Any]:
    """The same conversation in the shape the arm takes: whole, or prompt and completion."""
    prompt = [dict(m) for m in prompts.explain_messages(question)]
    answer = [{"role": "assistant", "content": prompts.explained_decision(question)}]
    if arm == "original":
        return {"messages": [*prompt, *answer]}
    return {"prompt": prompt, "completion": answer}


def arguments(arm: str, output: Path, cuda: bool) -> Any:
    """The settings of the two other arms."""
    from trl import SFTConfig

    common: dict[str, Any] = {
        "output_dir": str(output),
        "num_train_epochs": 1,
        "learning_rate": LORA_RATE,
        "use_cpu": not cuda,
        "save_strategy": "no",
        "report_to": "none",
        "disable_tqdm": True,
        "dataloader_pin_memory": cuda,
    }
    if arm == "defaults":
        return SFTConfig(**common)
    return SFTConfig(
        **common,
        per_device_train_batch_size=1,
        gradient_accumulation_steps=2,
        activation_checkpointing=False,
        bf16=cuda,
    )


if __name__ == "__main__":
    sys.exit(run(lambda: other_arm(sys.argv[1:])))
