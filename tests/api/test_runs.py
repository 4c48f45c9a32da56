"""A benchmark that is stopped goes on, shares its questions, and counts the same every time."""

from __future__ import annotations

import _thread
import json
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from benchmarks import pubmedqa
from benchmarks.pubmedqa import pick
from hera.data import Question, official_test
from hera.errors import ConfigError, DataError
from hera.evaluation.scoring import answer_chunk, cut_ids, fitted, prompt_for, score_chunk
from hera.types import Engine
from tests import ctrl_c
from tests.serving import ROOT, command, environment

FLAGS = ("--limit", "40")


def result(folder: Path) -> dict[str, Any]:
    """results.json without what no two runs share."""
    told = json.loads((folder / "results.json").read_text(encoding="utf-8"))
    return {key: value for key, value in told.items() if key not in ("seconds", "finished")}


def wait_for_items(folder: Path, running: Callable[[], bool] = lambda: True) -> None:
    items = folder / "items.jsonl"
    while running() and not (items.is_file() and items.read_text(encoding="utf-8").count("\n")):
        time.sleep(0.02)


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run that nothing disturbed."""
    folder = tmp_path_factory.mktemp("whole") / "run"
    pubmedqa.main([*FLAGS, "--output", str(folder)])
    return folder


def test_a_killed_run_goes_on_to_the_same_result(whole: Path, tmp_path: Path) -> None:
    out = tmp_path / "run"
    asked = [sys.executable, "-m", "benchmarks.pubmedqa", *FLAGS, "--output", str(out)]
    with subprocess.Popen(asked, cwd=ROOT, env=environment(tmp_path)) as process:
        wait_for_items(out, lambda: process.poll() is None)
        process.send_signal(signal.SIGKILL)
    kept = (out / "items.jsonl").read_text(encoding="utf-8")
    (out / "items.jsonl").write_text(kept + '{"id": "torn', encoding="utf-8")
    with pytest.raises(ConfigError, match="--resume"):
        pubmedqa.main([*FLAGS, "--output", str(out)])
    with pytest.raises(ConfigError, match="another run"):
        pubmedqa.main(["--limit", "39", "--output", str(out), "--resume"])
    pubmedqa.main([*FLAGS, "--output", str(out), "--resume"])
    assert result(out) == result(whole)
    assert (out / "items.jsonl").read_text(encoding="utf-8").startswith(kept)
    assert len((out / "items.jsonl").read_text(encoding="utf-8").splitlines()) == 40


def test_ctrl_c_prints_what_there_is_marked_partial(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "run"

    def interrupt() -> None:
        wait_for_items(out)
        _thread.interrupt_main()

    threading.Thread(target=interrupt, daemon=True).start()
    with ctrl_c.heeded(), pytest.raises(KeyboardInterrupt, match="--resume goes on"):
        pubmedqa.main(["--limit", "120", "--output", str(out)])
    told = capsys.readouterr().out
    assert "partial: the run was stopped" in told
    assert "of 120" in told
    partial = result(out)
    assert partial["partial"]
    assert 0 < len(partial["variants"]["base"]["items"]) < 120


def test_two_processes_write_the_same_result_as_one(whole: Path, tmp_path: Path) -> None:
    done = command(
        *("-m", "accelerate.commands.launch", "--cpu", "--num_processes", "2"),
        *("--num_machines", "1", "--mixed_precision", "no", "--dynamo_backend", "no"),
        *("-m", "benchmarks.pubmedqa", *FLAGS, "--output", str(tmp_path / "run")),
        home=tmp_path,
    )
    assert done.returncode == 0, done.stderr
    assert result(tmp_path / "run") == result(whole)


def test_free_answers_are_read_and_counted(tmp_path: Path) -> None:
    out = tmp_path / "run"
    pubmedqa.main(["--limit", "3", "--generate", "--output", str(out)])
    told = result(out)
    assert told["scoring"] == "first decision in a free answer"
    for variant in told["variants"].values():
        assert [set(item) for item in variant["items"]] == [{"id", "gold", "pred", "text"}] * 3
        assert {item["pred"] for item in variant["items"]} <= {"yes", "no", "maybe", "none"}
        assert "calibration" not in variant


@pytest.mark.parametrize("free", [False, True], ids=["labels", "free"])
@pytest.mark.parametrize("prompt", ["hera", "lm-eval"])
def test_an_abstract_over_the_window_loses_its_beginning(
    engine: Engine, prompt: str, free: bool
) -> None:
    long = Question("9", "Does it help?", tuple(f"Part {i} says so." for i in range(900)), "", "no")
    short = Question("8", "Does it help?", ("It does.",), "", "yes")
    room = 64 if free else 8
    fitting = fitted(engine, [long, short], engine.variants, prompt, answer=64 * free)
    assert fitting[1] is short
    assert fitting[0].contexts[0].endswith("Part 899 says so.")
    assert "Part 0 says" not in fitting[0].contexts[0]
    assert -20 < engine.excess(prompt_for(fitting[0], prompt, free=free), room) <= 0
    answer = answer_chunk if free else score_chunk
    scored = answer(engine, [long, short], ["base"], prompt)
    assert ([s.id for s in scored], cut_ids(scored)) == (["9", "8"], ["9"])
    assert "cut" not in scored[1].plain()
    (again,) = score_chunk(engine, fitting[:1], ["base"], prompt)
    assert free or again.logprobs == scored[0].logprobs
    endless = Question("7", "Does it help? " * 900, ("It does.",), "", "yes")
    with pytest.raises(DataError, match=r"^Question 7 is over the model's window by itself\.$"):
        answer(engine, [short, endless], engine.variants, prompt)


def test_what_was_cut_is_counted_and_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    row = {"pubid": 1, "question": "Does it help?", "final_decision": "no", "context": ["No. "]}
    rows = [row, {**row, "pubid": 2, "context": [f"Part {i} says so." for i in range(900)]}]
    path = tmp_path / "q.json"
    path.write_text(json.dumps(rows), encoding="utf-8")
    pubmedqa.main(["--data", str(path), "--output", str(tmp_path / "run")])
    assert result(tmp_path / "run")["cut"] == ["2"]
    assert "cut to the model's window, from the beginning: 1 (2)" in capsys.readouterr().out


def test_the_official_split_is_asked_where_the_data_hold_it(
    capsys: pytest.CaptureFixture[str],
) -> None:
    official = sorted(official_test())
    assert len(official) == 500
    labelled = [Question(i, "Q?", ("A.",), "", "yes") for i in [*official, "1", "2"]]
    assert len(pick(labelled, "test", "x")[0]) == 500
    assert [q.id for q in pick(labelled, "rest", "x")[0]] == ["1", "2"]
    assert len(pick(labelled, "all", "x")[0]) == 502
    assert pick(labelled[500:], "test", "x") == (labelled[500:], "all of it")
    assert capsys.readouterr().err == ""
    assert pick(labelled[:9], "test", "x") == (labelled[:9], "all of it")
    assert "x holds 9 of the 500 questions" in capsys.readouterr().err
    with pytest.raises(ConfigError, match="official test split"):
        pick(labelled[:9], "rest", "x")
