"""What a run leaves beside its adapter: `training.json` and the curve of its loss."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from hera.refs import for_record
from train.recipe import Run

CURVE = "loss.png"


def arguments_of(run: Run, **more: Any) -> dict[str, Any]:
    """Everything that decides the weights of a run; what a resumed run must agree on."""
    refs = {"model": for_record(run.model), "data": for_record(run.data)}
    return {"stage": run.stage, **refs, "bits": run.bits, **asdict(run.recipe), **more}


def losses(history: Sequence[Mapping[str, Any]]) -> list[dict[str, float]]:
    """The training losses that the trainer logged, in nats per completion token."""
    kept = ("step", "loss", "mean_token_accuracy", "learning_rate", "tokens_per_second")
    return [{k: entry[k] for k in kept if k in entry} for entry in history if "loss" in entry]


def draw(
    path: Path,
    trained: Sequence[Mapping[str, float]],
    before: Mapping[str, float],
    after: Mapping[str, float],
) -> None:
    """The loss over the steps, with the held-out loss before and after as points."""
    from matplotlib.figure import Figure

    steps = [entry["step"] for entry in trained]
    last = steps[-1] if steps else 1
    figure = Figure(figsize=(6.4, 3.6), dpi=120, layout="constrained")
    axis = figure.subplots()
    axis.plot(steps, [entry["loss"] for entry in trained], color="#0f766e", label="training")
    axis.plot([0, last], [before["loss"], after["loss"]], "o", color="#b45309", label="held out")
    axis.set_xlabel("step")
    axis.set_ylabel("loss, nats per completion token")
    axis.set_ylim(bottom=0)
    axis.spines[["top", "right"]].set_visible(False)
    axis.legend(frameon=False)
    figure.savefig(path)
