"""`python -m benchmarks.speed train` as a user runs it, on a few rows."""

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
