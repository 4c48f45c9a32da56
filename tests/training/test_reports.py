"""--report-to, with the real programs: a short run's losses arrive in each."""

from __future__ import annotations

import json
import sqlite3
import sys
from collections.abc import Callable
from importlib.util import find_spec as there
from pathlib import Path
from typing import Any

import pytest

from hera.errors import ConfigError
from tests.serving import command
from train import flags, stage1

BESIDE = Path(sys.prefix) / "reports"
"""The environment that has the three, made by `make test`."""

READ_EVENTS = """
import json, sys
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
events = EventAccumulator(sys.argv[1])
events.Reload()
print(json.dumps([event.value for event in events.Scalars("train/loss")]))
"""


def in_tensorboard(folder: Path) -> list[float]:
    events = str(folder / "run" / "reports")
    done = command("-c", READ_EVENTS, events, home=folder, python=BESIDE / "bin" / "python")
    losses: list[float] = json.loads(done.stdout)
    return losses


def in_trackio(folder: Path) -> list[float]:
    with sqlite3.connect(folder / "trackio" / "hera.db") as tables:
        rows = tables.execute("SELECT metrics FROM metrics ORDER BY step").fetchall()
    logged = [json.loads(text) for (text,) in rows]
    return [entry["train/loss"] for entry in logged if "train/loss" in entry]


def in_wandb(folder: Path) -> list[float]:
    """Its log is protocol buffers: a name, the tag of its value (16, of bytes), how many, and the
    value; each once for its step, and once as the latest."""
    (log,) = folder.glob("wandb/offline-run-*/run-*.wandb")
    parts = log.read_bytes().split(b"train/loss\x82\x01")[1:]
    return list(dict.fromkeys(float(part[1 : 1 + part[0]]) for part in parts))


@pytest.mark.parametrize(
    ("program", "read"),
    [("tensorboard", in_tensorboard), ("trackio", in_trackio), ("wandb", in_wandb)],
)
def test_the_losses_arrive(
    tmp_path: Path, program: str, read: Callable[[Path], list[float]]
) -> None:
    asked = (
        "--samples",
        "20",
        "--no-probes",
        "--report-to",
        program,
        "--output",
        str(tmp_path / "run"),
    )
    done = command(
        *("-m", "train.stage1", *asked),
        home=tmp_path,
        python=BESIDE / "bin" / "python",
        WANDB_MODE="offline",
        WANDB_DIR=str(tmp_path),
        TRACKIO_DIR=str(tmp_path / "trackio"),
    )
    assert done.returncode == 0, done.stderr
    record: dict[str, Any] = json.loads((tmp_path / "run" / "training.json").read_text("utf-8"))
    losses = [entry["loss"] for entry in record["losses"]]
    assert len(losses) == 3
    assert read(tmp_path) == pytest.approx(losses, rel=1e-5)


def test_a_program_that_is_not_there_is_a_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(flags, "find_spec", lambda name: None if name == "wandb" else there(name))
    with pytest.raises(ConfigError, match="pip install wandb"):
        stage1.main(["--report-to", "wandb", "--output", str(tmp_path / "out")])
    assert not (tmp_path / "out").exists()
