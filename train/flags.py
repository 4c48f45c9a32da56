"""The flags that both stages take, and the run that they ask for."""

from __future__ import annotations

import argparse
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path

from hera import hub
from hera.cli.flags import add_ref_flag
from hera.errors import ConfigError
from hera.refs import EMBEDDED, Ref
from hera.weights.hardware import choose_device
from train.recipe import Recipe, TrainingRun

REPORTS = ("none", "wandb", "trackio", "tensorboard")


def parser(description: str, recipe: Recipe, output: str) -> argparse.ArgumentParser:
    """The flags that both stages take; `recipe` has the stage's own defaults."""
    flags = argparse.ArgumentParser(description=description)
    add_ref_flag(flags, "--model", "the base: 'embedded', a Hub id, a folder", default=EMBEDDED)
    add_ref_flag(flags, "--data", "'embedded', a file, a folder or a Hub id", default=EMBEDDED)
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
    flags.add_argument(
        "--snapshots",
        type=int,
        default=0,
        metavar="N",
        help="keep the adapter after N of the steps, for the learning film (0)",
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


def run_from(stage: str, args: argparse.Namespace, recipe: Recipe) -> TrainingRun:
    """The run that the flags ask for.

    Raises:
        ConfigError: a learning rate or a seed that is none, no id to push to, or it reports to a
            program that is not installed.
    """
    if not 0 < args.learning_rate < 1:
        raise ConfigError(f"--learning-rate {args.learning_rate:g}: give one between 0 and 1.")
    if not 0 <= args.seed < 2**32:
        raise ConfigError(f"--seed {args.seed}: give one from 0 to {2**32 - 1}.")
    push_to = args.push_to_hub
    if push_to is not None:
        hub.check_id("--push-to-hub", push_to)
    if args.report_to != "none" and find_spec(args.report_to) is None:
        name = args.report_to
        raise ConfigError(f"--report-to {name}: it is not installed. First: pip install {name}")
    return TrainingRun(
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
        push_to=push_to,
        private=args.private,
        snapshots=args.snapshots,
    )


def default_bits(model: Ref) -> int:
    """4 for a real base on CUDA (Gemma-2-2b then trains in 16 GB); else 16, as it is stored."""
    return 4 if not model.is_embedded and choose_device("auto") == "cuda" else 16
