"""The recipes beside HERA's own, each trained by a command of its own: the original notebooks', and
TRL's defaults. `python -m benchmarks.speed train` runs it.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from hera import prompts
from hera.cli import run
from hera.cli.flags import add_ref_flag
from hera.data import Question, load_pubmedqa
from hera.evaluation import records, training_record
from hera.evaluation.records import Record
from hera.weights.hardware import choose_device, peak_bytes

OTHERS = ("original", "defaults")
LORA_RATE = 2e-4


class TrainedRows(Record):
    """How many rows were trained on."""

    train: int


class Timing(Record):
    """The part of a training.json that speed is told from."""

    rows: TrainedRows
    tokens: int
    training_seconds: float
    peak_memory_bytes: int
    parameters: int
    device: str

    @property
    def samples_per_second(self) -> float:
        """Of the loop alone."""
        return self.rows.train / self.training_seconds

    @property
    def tokens_per_second(self) -> float:
        """Of the loop alone."""
        return self.tokens / self.training_seconds


def main(argv: Sequence[str]) -> None:
    """Train in one of the ways, and write the record."""
    from datasets import Dataset
    from peft import LoraConfig, get_peft_model, prepare_model_for_kbit_training
    from transformers import set_seed
    from trl.trainer.sft_trainer import SFTTrainer

    from hera.weights.bases import load_base

    args = flags().parse_args(argv)
    set_seed(42)
    questions = load_pubmedqa(args.data, split="train")
    cuda = choose_device("auto") == "cuda"
    tokenizer, model = load_base(args.model, dtype="auto" if cuda else "float32", bits=args.bits)
    if args.bits < 16:
        model = prepare_model_for_kbit_training(model)
    lora = LoraConfig(
        r=16, lora_alpha=32, lora_dropout=0.05, target_modules="all-linear", task_type="CAUSAL_LM"
    )
    trainer: Any = SFTTrainer(
        model=get_peft_model(model, lora),
        args=arguments(args.arm, args.output, cuda),
        train_dataset=Dataset.from_list([row(q, args.arm) for q in questions]),
        processing_class=tokenizer,
    )
    began = time.monotonic()
    trainer.train()
    seconds = time.monotonic() - began
    device = str(trainer.accelerator.device)
    timing = Timing(
        rows=TrainedRows(train=len(questions)),
        tokens=sum(len(ids) for ids in trainer.train_dataset["input_ids"]),
        training_seconds=seconds,
        peak_memory_bytes=peak_bytes(device),
        parameters=trainer.model.num_parameters(),
        device=device,
    )
    records.write(args.output / training_record.FILE, timing)


def flags() -> argparse.ArgumentParser:
    """The command's flags."""
    parser = argparse.ArgumentParser()
    parser.add_argument("arm", choices=OTHERS)
    for flag in ("--model", "--data"):
        add_ref_flag(parser, flag, flag[2:], required=True)
    parser.add_argument("--bits", type=int, required=True)
    parser.add_argument("--output", type=Path, required=True)
    return parser


def row(question: Question, arm: str) -> dict[str, Any]:
    """The same conversation in the shape the arm takes: whole, or prompt and completion."""
    prompt = [dict(m) for m in prompts.explain_messages(question)]
    answer = [{"role": "assistant", "content": prompts.explained_decision(question)}]
    if arm == "original":
        return {"messages": [*prompt, *answer]}
    return {"prompt": prompt, "completion": answer}


def arguments(arm: str, output: Path, cuda: bool) -> Any:
    """The settings of the two other arms."""
    from trl.trainer.sft_config import SFTConfig

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
    sys.exit(run(lambda: main(sys.argv[1:])))
