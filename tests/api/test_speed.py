"""`python -m benchmarks.speed` as a user runs it: three ways to train, visitors of the app."""

from __future__ import annotations

from pathlib import Path

from tests.serving import command


def test_three_ways_to_train_run(tmp_path: Path) -> None:
    done = command(
        *("-m", "benchmarks.speed", "train", "--samples", "20", "--repeats", "1"), home=tmp_path
    )
    assert done.returncode == 0, done.stderr
    names = [line.split()[0] for line in done.stdout.splitlines()[1:4]]
    assert names == ["original", "defaults", "hera"]
    assert "20 rows, seed 42, 1 repeats" in done.stdout


def test_visitors_are_served_at_once(tmp_path: Path) -> None:
    few = ("--users", "1", "2", "--answers", "1", "--tokens", "8", "--beside", "1")
    done = command("-m", "benchmarks.speed", "serve", *few, home=tmp_path)
    assert done.returncode == 0, done.stderr
    one, two, beside, bare, conditions = done.stdout.splitlines()
    assert one.startswith("1 visitors: ")
    assert ", 1.00 times the first line's" in one
    assert two.startswith("2 visitors: ")
    assert two.endswith("; 2 answers")
    assert beside.startswith("1 visitors beside a run of 500 questions: ")
    assert bare.startswith("bare generate, the base alone: ")
    assert "embedded, seed 42" in conditions
