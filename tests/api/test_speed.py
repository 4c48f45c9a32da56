"""`python -m benchmarks.speed` as a user runs it: ways to train, visitors of the app, the page."""

from __future__ import annotations

import re
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


def test_the_page_is_weighed_and_its_clicks_are_timed(tmp_path: Path) -> None:
    done = command("-m", "benchmarks.speed", "page", "--repeats", "1", home=tmp_path)
    assert done.returncode == 0, done.stderr
    own, bare, _ = done.stdout.splitlines()
    shape = r" +\d\.\d\d MB, \d+ requests, writable after \d+\.\d\d s"
    assert re.fullmatch(f"HERA{shape}", own)
    assert re.fullmatch(f"bare Gradio{shape}", bare)

    done = command("-m", "benchmarks.speed", "click", "--repeats", "1", home=tmp_path)
    assert done.returncode == 0, done.stderr
    *waits, conditions = done.stdout.splitlines()
    told = [re.match(r"(.+) (\d+\.\d\d) s \[", line) for line in waits]
    seconds = {line[1]: float(line[2]) for line in told if line}
    whole, own_share = "chat: first token after", "chat: of it the app tells"
    assert 0 < seconds[own_share] < seconds[whole]
    assert list(seconds)[2:] == [
        "compare: first token after",
        "compare: every one of 3 columns after",
        "bare Gradio: first token after",
    ]
    assert conditions.startswith("embedded, ")
