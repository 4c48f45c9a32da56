"""When a run keeps a snapshot of its adapter (`--snapshots N`; `train.film` takes them)."""

from __future__ import annotations

from hera.errors import ConfigError
from train.recipe import TrainingRun
from train.starting import Start

_FIRST = 0.01  # of the steps: about there the warm-up lets the weights move


def snapshot_steps(total: int, count: int) -> tuple[int, ...]:
    """After which steps a snapshot is taken: the last one, and before it each time the same share
    of the steps, down to a hundredth of them, since an adapter changes fast at first and slowly at
    the end. All steps, where there are no more than `count`."""
    count = min(total, count)
    steps: list[int] = []
    for k in range(count):
        share = _FIRST ** (1 - k / (count - 1)) if count > 1 else 1.0
        steps.append(max(steps[-1] + 1 if steps else 1, round(total * share)))
    return tuple(steps)


def check_snapshots(run: TrainingRun, start: Start) -> None:
    """Raises ConfigError where no film can be kept."""
    if run.snapshots < 0:
        raise ConfigError(f"--snapshots {run.snapshots}: give how many, or 0 for none.")
    if run.snapshots and start.fresh:
        raise ConfigError("--snapshots keeps the adapter that trains; --fresh joins it at the end.")
