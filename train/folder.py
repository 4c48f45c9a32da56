"""The output folder of a run: never overwritten, whole or resumable at every moment.

`run.json` says whose run it is, `checkpoints/` holds what a resume needs, and the adapter with
`training.json`, written last, is the finished run. A checkpoint counts from the moment its
`trainer_state.json`, the last file that transformers writes into it, can be read; two are kept, so
that a kill in the middle of one never loses the one before.
"""

from __future__ import annotations

import os
from dataclasses import asdict
from pathlib import Path
from typing import Any

from hera.cli.output import read
from hera.errors import ConfigError, one_line
from hera.evaluation import training_record
from hera.evaluation.training_record import Training
from train.recipe import TrainingRun
from train.rows import TrainingData
from train.starting import Start

IDENTITY, CHECKPOINTS = "run.json", "checkpoints"


def identity(run: TrainingRun, start: Start, data: TrainingData) -> dict[str, Any]:
    """Everything that decides the weights of a run; what a resumed run must agree on."""
    return {
        "stage": run.stage,
        "model": run.model.recorded,
        "data": run.data.recorded,
        "bits": run.bits,
        **asdict(run.recipe),
        "adapter": start.adapter and start.adapter.recorded,
        "fresh": start.fresh,
        "mix": data.mix and data.mix.recorded,
        "data_sha256": data.sha256,
    }


def check_writable(output: Path) -> None:
    """Raises ConfigError, before minutes go into loading a base, if no folder can be there."""
    try:
        there = next(path for path in (output, *output.absolute().parents) if path.exists())
        wrong = None if there.is_dir() else f"{there} is a file"
        if there.is_dir() and not os.access(there, os.W_OK):
            wrong = f"{there} cannot be written to"
    except OSError as error:
        wrong = str(error.strerror)
    if wrong:
        raise ConfigError(f"--output {output}: no run can be written there: {wrong}.")


def identity_in(output: Path) -> dict[str, Any] | None:
    """Whose run the folder holds; a finished one says it in its record.

    Raises:
        ConfigError: what it holds cannot be read.
    """
    name = IDENTITY if (output / IDENTITY).is_file() else training_record.FILE
    if name == training_record.FILE and not finished(output):
        return None
    try:
        held = read(output / name)
        return held if name == IDENTITY else dict(held["arguments"])
    except (OSError, ValueError, TypeError, KeyError) as error:
        raise ConfigError(
            f"--output {output}: its {name} is not that of a run ({one_line(error)}). Choose "
            "another folder."
        ) from error


def finished(output: Path) -> bool:
    """Whether the run is complete."""
    return (output / training_record.FILE).is_file()


def record(output: Path) -> Training:
    """What a complete run wrote down, as it lies here."""
    return Training.of(read(output / training_record.FILE))


def last_checkpoint(output: Path) -> Path | None:
    """The newest whole checkpoint; one that was being written is left for its step to rewrite."""
    whole: list[tuple[int, Path]] = []
    for folder in (output / CHECKPOINTS).glob("checkpoint-*"):
        try:
            whole.append((read(folder / "trainer_state.json")["global_step"], folder))
        except (OSError, ValueError):  # half-written: a kill came in between
            continue
    return max(whole)[1] if whole else None
