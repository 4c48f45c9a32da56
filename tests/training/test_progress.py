"""What a run says while it is at work, and that the record of its losses is not bent by it."""

from __future__ import annotations

import copy
import os
import pty
import re
import termios
from collections.abc import Callable, Iterator
from contextlib import contextmanager, redirect_stderr
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from peft import get_peft_model
from transformers import set_seed

from hera.refs import Ref
from hera.weights.bases import load_base
from train import dry_run, layout, rows, stage1
from train.recipe import TrainingRun
from train.starting import lora_config
from train.trainer import build, losses

EMBEDDED = Ref.of("embedded")
RECIPE = replace(stage1.RECIPE, batch_size=2, dropout=0.0)
STEPS = 5


@pytest.fixture(scope="module")
def base() -> tuple[Any, Any]:
    return load_base(EMBEDDED, dtype="float32")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "out"


def trained(base: tuple[Any, Any], folder: Path, *, every: int, resume: bool = False) -> Any:
    """A trainer after five steps of two short rows, whose loss is logged every so many."""
    tokenizer, model = base
    examples = stage1.training_data(EMBEDDED, 40, 0).examples
    made = [row for e in examples if (row := rows.tokenize(tokenizer, e, 400)) is not None]
    short = sorted(made, key=lambda row: len(row.input_ids))[: 2 * STEPS]
    run = TrainingRun("stage1", EMBEDDED, EMBEDDED, folder, RECIPE)
    plan = layout.Layout(False, 2, 1, checkpointing=False, memory=0)
    set_seed(0)
    model = get_peft_model(copy.deepcopy(model), lora_config(model, RECIPE))
    trainer: Any = build(run, model, tokenizer, short, plan)
    trainer.args.logging_steps, trainer.args.save_steps = every, 2
    trainer.args.save_total_limit = None
    checkpoint = str(folder / "checkpoints" / "checkpoint-2")
    trainer.train(resume_from_checkpoint=checkpoint if resume else None)
    return trainer


def logged(trainer: Any) -> dict[int, float]:
    return {entry.step: entry.loss for entry in losses(trainer)}


@contextmanager
def terminal() -> Iterator[Callable[[], str]]:
    """Within, stderr is a terminal; what it shows can be read once, as the last thing."""
    reading, writing = pty.openpty()
    termios.tcsetwinsize(writing, (24, 100))
    with os.fdopen(reading, "rb", 0) as screen, os.fdopen(writing, "w") as stream:

        def shown() -> str:
            print("END", end="", file=stream, flush=True)
            text = b""
            while not text.endswith(b"END"):
                text += screen.read(1 << 16)
            return text.decode()

        with redirect_stderr(stream):
            yield shown


def test_the_first_loss_is_said_after_the_first_step(
    base: tuple[Any, Any], folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """On a terminal in the bar; elsewhere in a line, also of a run that goes on. What is logged
    later stands for the steps since."""
    with terminal() as shown:
        each = logged(trained(base, folder.with_name("each"), every=1))
        assert re.search(r"1/5 .*loss \d+\.\d{3}, [\d,]+ tokens/s", shown())
    assert list(each) == [1, 2, 3, 4, 5]
    assert "loss" not in capsys.readouterr().out
    fourth = logged(trained(base, folder, every=4))
    assert re.findall(r"step (\d) of 5: loss \d", capsys.readouterr().out)[0] == "1"
    assert list(fourth) == [1, 4]
    assert fourth[1] == pytest.approx(each[1], abs=1e-5)
    assert fourth[4] == pytest.approx((each[2] + each[3] + each[4]) / 3, abs=1e-5)
    resumed = logged(trained(base, folder, every=4, resume=True))
    assert re.findall(r"step (\d) of 5: loss \d", capsys.readouterr().out)[0] == "3"
    assert list(resumed) == [1, 3, 4]
    assert resumed[3] == pytest.approx(each[3], abs=1e-5)
    assert resumed[4] == pytest.approx(each[4], abs=1e-5)


def test_a_step_that_takes_too_long_is_estimated_from_its_parts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(dry_run, "HALF_A_MINUTE", 0.01)
    monkeypatch.setattr(dry_run, "_SILENT", 0.0)
    stage1.main(["--dry-run", "--samples", "40", "--output", str(tmp_path / "out")])
    said = capsys.readouterr().out
    assert said.startswith("dry run of stage1: read embedded, load embedded in 16 bits, try")
    assert "step 1, micro-batch 1 of" in said
    time = re.search(r"time: 5 steps of about ([\d.]+) s \(no whole one .* 1 micro-batch was", said)
    assert time, said
    assert 0.1 < float(time[1]) < 60
    assert not (tmp_path / "out").exists()
