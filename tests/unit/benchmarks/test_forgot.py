"""Planted cases, few of each: what is made to forget is found, what is empty is not accused."""

from __future__ import annotations

import json
from pathlib import Path

from benchmarks.forgot import __main__ as forgot
from benchmarks.forgot import planted
from hera.evaluation import forgetting, records, results
from hera.evaluation.forgetting import ForgotResult
from hera.types import Engine


def test_planted_cases(engine: Engine) -> None:
    probes = forgetting.completed(engine, forgetting.fixed_probes())
    assert planted.found_rate(probes, [41, 43]).said == 2  # arithmetic, knowledge
    few = [p for p in probes if p.kind in ("arithmetic", "manner")]
    assert planted.empty_rate(few, [1, 2, 3]).said == 0
    scored = forgetting.losses(engine, few, ["stage2"])
    assert planted.exchanged_rate(scored, "stage2", range(100)).share <= 0.05


def test_the_command_writes_what_it_says(tmp_path: Path) -> None:
    folder = tmp_path / "run"
    forgot.main(["--limit", "1", "--output", str(folder)])
    told = records.read(folder / results.FILE, ForgotResult)
    assert (told.benchmark, told.data.n, len(told.items)) == ("forgot", 10, 10)
    assert set(told.variants) == {"stage1", "stage2"}
    assert told.variants["stage2"]["chat"].interval is None  # of one probe
    assert json.loads((folder / "run.json").read_text("utf-8"))["benchmark"] == "forgot"
