"""`python -m benchmarks.claims` as a user runs it, on a few rows."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import pytest

from benchmarks.claims import __main__ as claims
from benchmarks.claims.verdicts import CLAIMS, NAMES
from hera.cli import output, run

FEW = ("--seeds", "2", "--samples", "10", "--questions", "8", "--messages", "4", "--answers", "2")


def interrupted(out: Path, asked: Sequence[str]) -> dict[str, dict[str, float]]:
    """A run that was stopped when its second seed was done and its first was not."""
    args = claims.parsed([*asked, "--output", str(out)])
    output.begin(out, "run.json", claims.identity(args, claims.held_out(args)))
    arms = {
        arm: {"accuracy": 0.5 + i / 10, "macro_f1": 0.4, "loss": 4.0 - i / 10, "rouge_l": 0.2}
        for i, arm in enumerate(NAMES)
    }
    output.begin(out / "seed-43", "measured.json", {"seed": 43, "arms": arms})
    return arms


def test_all_arms_are_trained_and_every_claim_gets_a_verdict(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "claims"
    kept = interrupted(out, FEW)
    claims.main([*FEW, "--output", str(out), "--resume"])
    found = json.loads((out / "results.json").read_text(encoding="utf-8"))
    assert [seed["seed"] for seed in found["seeds"]] == [42, 43]
    trained = found["seeds"][0]["arms"]
    assert found["seeds"][1]["arms"] == kept
    assert set(trained) == set(NAMES)
    assert len({round(arm["loss"], 6) for arm in trained.values()}) == len(NAMES)
    for arm, stages in (("1to2", ["stage1"]), ("2to1", ["stage2"]), ("mixed", [])):
        record = json.loads((out / "seed-42" / arm / "training.json").read_text(encoding="utf-8"))
        assert [earlier["stage"] for earlier in record.get("earlier", [])] == stages
        assert record["rows"]["train"] == (18 if arm == "mixed" else 9)
    assert {claim["verdict"] for claim in found["claims"]} <= {
        "supported", "contradicted", "cannot be told",
    }  # fmt: skip
    told = capsys.readouterr().out
    assert all(f"{name}: " in told for name, _, _ in CLAIMS)
    assert (out / "claims.png").stat().st_size > 10_000


@pytest.mark.parametrize(
    ("flags", "words"),
    [
        (("--seeds", "1"), "two or more"),
        (("--dialogues", "nowhere.jsonl"), "no such file"),
        (("--output", "{taken}"), "not empty"),
    ],
)
def test_what_cannot_be_run_is_said_first(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], flags: tuple[str, ...], words: str
) -> None:
    taken = tmp_path / "taken"
    taken.mkdir()
    (taken / "mine.txt").write_text("mine", encoding="utf-8")
    given = [flag.format(taken=taken) for flag in flags]
    assert run(lambda: claims.main([*FEW, "--output", str(tmp_path / "out"), *given])) in (1, 2)
    error = capsys.readouterr().err
    assert error.count("\n") == 1
    assert words in error
    assert not (tmp_path / "out").exists()
