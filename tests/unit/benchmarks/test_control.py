"""`benchmarks.explain faults` and `control`: a missed fault ends it; what the control explains."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from benchmarks.explain import control, faults
from benchmarks.explain.__main__ import main
from hera.errors import ConfigError, ModelError


def test_a_missed_fault_ends_the_command(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def tried(folder: Path, asked: object) -> Iterator[tuple[str, bool, list[str]]]:
        yield "unharmed", False, []
        yield "zeros", True, ["changes something"]
        yield "swapped", True, []

    monkeypatch.setattr(faults, "tried", tried)
    with pytest.raises(ModelError, match=r"^swapped: what was found is not"):
        main(["faults"])
    assert capsys.readouterr().out.splitlines()[1:4] == [
        "unharmed: nothing is found",
        "zeros: caught by changes something",
        "swapped: MISSED",
    ]


def test_the_control(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    few = ("--questions", "2", "--max-new-tokens", "12", "--output", str(tmp_path / "out"))
    main(["control", *few])
    printed = capsys.readouterr().out
    assert "2 questions, answered by stage1, stage2" in printed
    assert "greedy answers to 2 held-out questions of at most 12 tokens, seed 42" in printed
    result = json.loads((tmp_path / "out" / "results.json").read_text(encoding="utf-8"))
    stage2 = result["variants"]["stage2"]
    assert (stage2["n"], stage2["share_ci95"]) == (2, None)
    assert set(stage2["each_control"]) == {"stage2~1", "stage2~2", "stage2~3"}
    gains = [item["gain"] for item in stage2["items"]]
    assert stage2["gain"] == pytest.approx(np.mean(gains))
    assert stage2["share"] == pytest.approx(stage2["control"] / stage2["gain"])


def test_the_interval_of_a_share() -> None:
    under = np.linspace(1.0, 2.0, 30)
    low, high = control.ratio_ci95(under / 10, under, seed=1) or (0.0, 0.0)
    assert low == pytest.approx(0.1) == high
    assert control.ratio_ci95(under[:9], under[:9], seed=1) is None


def test_a_part_must_be_named() -> None:
    with pytest.raises(ConfigError, match="give one of luck, faults, control, parting"):
        main(["fault"])


def test_where_they_part(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    few = ("--questions", "3", "--max-new-tokens", "12", "--output", str(tmp_path / "out"))
    main(["parting", *few])
    printed = capsys.readouterr().out
    assert "they part in " in printed
    result = json.loads((tmp_path / "out" / "results.json").read_text(encoding="utf-8"))
    assert result["variant"] == "stage2"
    for item in result["items"]:
        assert item["token"] != item["base_token"]
        assert item["gain"] > 0
        assert len(item["layers"]) == 6
