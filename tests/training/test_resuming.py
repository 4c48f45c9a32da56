"""A run that dies goes on where it was, to the very same weights; one that must stop says so."""

from __future__ import annotations

import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from hera.explain import film
from hera.refs import EMBEDDED_DIR
from tests import ctrl_c
from tests.serving import ROOT, command, environment

SHORT = "short.parquet"


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """With the shortest questions, so that two dozen steps take seconds."""
    folder = tmp_path_factory.mktemp("resuming")
    rows = pq.read_table(EMBEDDED_DIR / "data" / "pubmedqa_train.parquet").to_pylist()
    rows.sort(key=lambda row: len(" ".join(row["context"]["contexts"])))
    pq.write_table(pa.Table.from_pylist(rows[:240]), folder / SHORT)
    return folder


def stage1(home: Path, output: Path) -> tuple[str, ...]:
    data = str(home / SHORT)
    asked = ("--no-probes", "--samples", "240", "--data", data, "--output", str(output))
    return ("-m", "train.stage1", *asked)


@pytest.fixture(scope="module")
def whole(home: Path) -> bytes:
    done = command(*stage1(home, home / "whole"), home=home)
    assert done.returncode == 0, done.stderr
    return weights(home / "whole")


def weights(folder: Path) -> bytes:
    return (folder / "adapter_model.safetensors").read_bytes()


def start(output: Path, home: Path, *flags: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, *stage1(home, output), *flags],
        cwd=ROOT,
        env=environment(home),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )


def wait_for(process: subprocess.Popen[str], output: Path, pattern: str) -> None:
    assert process.stderr is not None
    deadline = time.monotonic() + 120
    while not list(output.glob(pattern)):
        assert process.poll() is None, process.stderr.read()
        assert time.monotonic() < deadline
        time.sleep(0.01)


def kill(output: Path, home: Path, once: str, *flags: str) -> None:
    """Start a run, and kill it as soon as a file is there."""
    process = start(output, home, *flags)
    wait_for(process, output, once)
    process.send_signal(signal.SIGKILL)
    process.wait()


def resume(output: Path, home: Path, *flags: str) -> str:
    done = command(*stage1(home, output), "--resume", *flags, home=home)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_a_killed_run_ends_with_the_same_weights(home: Path, whole: bytes) -> None:
    """With snapshots, which change nothing of it and are all there in the end."""
    output, keep = home / "killed", ("--snapshots", "3")
    kill(output, home, "checkpoints/checkpoint-20/trainer_state.json", *keep)
    # As if it had been killed in the middle of its last checkpoint: the one before must do.
    last = max(output.glob("checkpoints/checkpoint-*"), key=lambda p: int(p.name.split("-")[1]))
    state = last / "trainer_state.json"
    state.write_text(state.read_text(encoding="utf-8")[:50] if state.exists() else "{")
    said = resume(output, home, *keep)
    assert "going on from" in said
    assert "snapshot of step 3:" not in said
    assert weights(output) == whole
    assert film.read(output / film.SNAPSHOTS).variants == (
        "base",
        *("step-1", "step-3", "step-27"),
    )


def test_a_run_killed_before_its_first_checkpoint_starts_again(home: Path, whole: bytes) -> None:
    output = home / "early"
    kill(output, home, once="run.json")
    shutil.rmtree(output / "checkpoints", ignore_errors=True)
    resume(output, home)
    assert weights(output) == whole


def test_ctrl_c_saves_and_says_how_to_go_on(home: Path, whole: bytes) -> None:
    output = home / "stopped"
    with ctrl_c.heeded():
        process = start(output, home)
    wait_for(process, output, "checkpoints/checkpoint-10")
    process.send_signal(signal.SIGINT)
    _, stderr = process.communicate(timeout=60)
    assert process.returncode == 130
    assert "--resume goes on" in stderr
    assert "Traceback" not in stderr
    resume(output, home)
    assert weights(output) == whole


def test_a_full_disk_stops_with_the_last_good_checkpoint(home: Path) -> None:
    output = home / "full"
    limited = (
        "import resource, runpy, signal, sys;"
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN);"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (1 << 20, resource.RLIM_INFINITY));"
        "sys.argv = ['stage1', '--samples', '100', '--output', sys.argv[1]];"
        "runpy.run_module('train.stage1', run_name='__main__')"
    )
    done = command("-c", limited, str(output), home=home)
    assert done.returncode == 1, done.stderr
    assert "cannot be written" in done.stderr
    assert "There is no checkpoint yet" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_loss_that_is_no_number_stops(tmp_path: Path) -> None:
    from dataclasses import replace

    from hera.errors import TrainingError
    from hera.refs import Ref
    from train import stage1
    from train.recipe import TrainingRun

    embedded = Ref.of("embedded")
    recipe = replace(stage1.RECIPE, samples=100, learning_rate=1e30)
    run = TrainingRun("stage1", embedded, embedded, tmp_path / "out", recipe)
    with pytest.raises(
        TrainingError, match=r"The loss of step \d is nan. There is no checkpoint yet"
    ):
        stage1.train_stage1(run)
