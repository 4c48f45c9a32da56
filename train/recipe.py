"""The recipe that both stages share: hyper-parameters, and how a run is described.

LoRA on the seven projections, loss on the completion only. The original notebooks replaced Gemma's
chat template by ChatML and grew the vocabulary by two rows, which made every adapter carry the
whole embeddings (2.4 GB instead of 80 MB for Gemma-2-2b). Here the template stays as it is, and a
tokenizer whose vocabulary is larger than the model's embeddings is refused.
"""

from __future__ import annotations

import argparse
from dataclasses import dataclass, replace
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from hera.errors import ConfigError, ModelError
from hera.refs import EMBEDDED

TARGETS = ("q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj")
REPORTS = ("none", "wandb", "trackio", "tensorboard")


@dataclass(frozen=True)
class Recipe:
    """The original's hyper-parameters, where a stage does not say otherwise.

    `batch_size` is the rows behind one optimizer step, over all devices and accumulation; the
    original took 2, one at a time, which leaves any hardware idle. `max_length` is in tokens,
    `warmup` a share of the steps.
    """

    learning_rate: float
    samples: int = 3000
    epochs: int = 1
    held_out: float = 0.1
    batch_size: int = 8
    max_length: int = 1024
    rank: int = 16
    alpha: int = 32
    dropout: float = 0.05
    warmup: float = 0.03
    weight_decay: float = 0.01
    seed: int = 42


@dataclass(frozen=True)
class Run:
    """One training as it was asked for."""

    stage: str
    model: str
    data: str
    output: Path
    recipe: Recipe
    bits: int = 16
    resume: bool = False
    dry_run: bool = False
    report_to: str = "none"
    push_to: str | None = None
    private: bool = False


def parser(description: str, recipe: Recipe, output: str) -> argparse.ArgumentParser:
    """The flags that both stages take; `recipe` has the stage's own defaults."""
    flags = argparse.ArgumentParser(description=description)
    flags.add_argument(
        "--model", default=EMBEDDED, metavar="REF", help="the base: 'embedded', a Hub id, a folder"
    )
    flags.add_argument(
        "--data", default=EMBEDDED, metavar="REF", help="'embedded', a file, a folder or a Hub id"
    )
    flags.add_argument(
        "--samples",
        type=int,
        default=recipe.samples,
        metavar="N",
        help=f"rows to use ({recipe.samples})",
    )
    flags.add_argument(
        "--learning-rate",
        type=float,
        default=recipe.learning_rate,
        metavar="R",
        help=f"at its highest ({recipe.learning_rate:g}; the embedded base takes ten times that)",
    )
    flags.add_argument(
        "--seed", type=int, default=recipe.seed, metavar="S", help=f"of everything ({recipe.seed})"
    )
    flags.add_argument(
        "--output", type=Path, default=Path(output), metavar="DIR", help=f"a new folder ({output})"
    )
    flags.add_argument(
        "--bits", type=int, choices=(16, 8, 4), help="of the base: 4 on CUDA, 16 elsewhere"
    )
    flags.add_argument("--resume", action="store_true", help="go on with the run in --output")
    flags.add_argument(
        "--dry-run", action="store_true", help="say what would happen, and write nothing"
    )
    flags.add_argument("--report-to", choices=REPORTS, default="none", help="where losses also go")
    flags.add_argument(
        "--push-to-hub",
        metavar="ID",
        help="then publish it as OWNER/NAME (see python -m hera.push)",
    )
    flags.add_argument(
        "--private", action="store_true", help="what --push-to-hub creates is private"
    )
    return flags


def run_from(stage: str, args: argparse.Namespace, recipe: Recipe) -> Run:
    """The run that the flags ask for.

    Raises:
        ConfigError: a learning rate that is none, or it reports to a program that is not
            installed.
    """
    if not 0 < args.learning_rate < 1:
        raise ConfigError(f"--learning-rate {args.learning_rate:g}: give one between 0 and 1.")
    if args.report_to != "none" and find_spec(args.report_to) is None:
        name = args.report_to
        raise ConfigError(f"--report-to {name}: it is not installed. First: pip install {name}")
    return Run(
        stage=stage,
        model=args.model,
        data=args.data,
        output=args.output,
        recipe=replace(
            recipe, samples=args.samples, learning_rate=args.learning_rate, seed=args.seed
        ),
        bits=args.bits or default_bits(args.model),
        resume=args.resume,
        dry_run=args.dry_run,
        report_to=args.report_to,
        push_to=args.push_to_hub,
        private=args.private,
    )


def default_bits(model: str) -> int:
    """4 for a real base on CUDA (Gemma-2-2b then trains in 16 GB); else 16, as it is stored."""
    from hera.loading import choose_device

    return 4 if model != EMBEDDED and choose_device("auto") == "cuda" else 16


def lora_config(recipe: Recipe) -> Any:
    """LoRA (Hu et al. 2021, arXiv:2106.09685) on the seven projections of every layer."""
    from peft import LoraConfig

    return LoraConfig(
        r=recipe.rank,
        lora_alpha=recipe.alpha,
        lora_dropout=recipe.dropout,
        target_modules=list(TARGETS),
        task_type="CAUSAL_LM",
    )


def check_vocabulary(tokenizer: Any, model: Any, ref: str) -> None:
    """Raises ModelError if the tokenizer knows tokens that the embeddings have no row for, and
    ConfigError if there is no chat template to render turns with."""
    rows = model.get_input_embeddings().weight.shape[0]
    if len(tokenizer) > rows:
        raise ModelError(
            f"--model {ref}: its tokenizer has {len(tokenizer):,} tokens, its embeddings {rows:,}. "
            "An adapter would have to carry grown embeddings: use the base's own tokenizer."
        )
    if not tokenizer.chat_template:
        raise ConfigError(
            f"--model {ref}: it has no chat template. Take the instruction-tuned model (-it)."
        )
