"""Make the learning film that ships with smollm2: snapshots of a small adapter on the dialogues.

    python -m train.smollm2.film --output outputs/film      # hera/smollm2/film is its snapshots/

A run of its own: from the base alone, and of rank 4, so that its snapshots are small enough to come
with the project.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from hera import cli
from hera.cli.output import check_empty
from hera.refs import Ref
from train import stage2
from train.recipe import TrainingRun
from train.smollm2.__main__ import SEED, STAGE2
from train.smollm2.dialogues import rows
from train.starting import Start

RECIPE = replace(STAGE2, samples=1600, epochs=1, held_out=0.05, batch_size=16, rank=4, alpha=8)
SNAPSHOTS = 7


def film(folder: Path, *, resume: bool = False) -> None:
    """Train, and keep the snapshots.

    Raises:
        TrainingError, ModelError, ConfigError: see `train.run.train`.
    """
    folder.mkdir(parents=True, exist_ok=True)
    data = folder / "dialogues.jsonl"
    data.write_text("".join(json.dumps(row) + "\n" for row in rows(SEED)), encoding="utf-8")
    run = TrainingRun(
        "stage2",
        Ref.of("smollm2", "--model"),
        Ref.of(str(data), "--data"),
        folder / "adapter",
        RECIPE,
        resume=resume,
        snapshots=SNAPSHOTS,
    )
    stage2.train_stage2(run, Start(), questions=None)


def main(argv: Sequence[str] | None = None) -> None:
    """The command."""
    parser = argparse.ArgumentParser(description="Make smollm2's learning film.")
    parser.add_argument(
        "--output",
        type=Path,
        default=Path("outputs/film"),
        metavar="DIR",
        help="a new folder (outputs/film)",
    )
    parser.add_argument("--resume", action="store_true", help="go on with the run in --output")
    args = parser.parse_args(argv)
    if not args.resume:
        check_empty(args.output)
    film(args.output, resume=args.resume)


if __name__ == "__main__":
    sys.exit(cli.run(main))
