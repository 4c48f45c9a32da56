"""The recipe that both stages share, and a run of it as it was asked for."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from hera.refs import Ref


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
class TrainingRun:
    """One training: which stage, on which base, from which data, to which folder."""

    stage: str
    model: Ref
    data: Ref
    output: Path
    recipe: Recipe
    bits: int = 16
    resume: bool = False
    dry_run: bool = False
    report_to: str = "none"
    push_to: str | None = None
    private: bool = False
    snapshots: int = 0
