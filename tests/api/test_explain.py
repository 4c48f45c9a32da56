"""`python -m benchmarks.explain` as a user runs it, with small numbers."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from benchmarks.explain import __main__ as explain
from hera.errors import ConfigError

FEW = ("--questions", "2", "--draws", "2", "--pool", "4", "--simulated", "8")


def test_luck_says_of_how_many_twins_it_saw_a_difference(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out"
    explain.main(["luck", *FEW, "--max-new-tokens", "8", "--output", str(out)])
    said = capsys.readouterr().out
    assert said.startswith("2 questions, 4 draws each of base and stage2\n")
    assert "each and its twin, other dice: 0.0% (0.0% to 32.4%), 0 of 8 questions" in said
    assert "base and stage2, the same dice: " in said
    result = json.loads((out / "results.json").read_text(encoding="utf-8"))
    assert (result["benchmark"], result["data"]["n"]) == ("explain luck", 2)
    assert len(result["items"][0]["values"]["stage2"]["length"]) == 4


@pytest.mark.parametrize(
    ("flags", "says"),
    [
        ([], "give one of luck"),
        (["luck", "--pool", "20"], "twice as many"),
        (["luck", "--temperature", "0"], "--temperature 0: all draws"),
        (["luck", "--max-new-tokens", "0"], "max_new_tokens is 0"),
    ],
)
def test_what_it_cannot_do_it_says_at_once(flags: list[str], says: str) -> None:
    with pytest.raises(ConfigError, match=says):
        explain.main(flags)
