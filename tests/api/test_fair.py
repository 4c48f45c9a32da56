"""benchmarks.fair as a command: what it writes, and that a run taken up again ends the same."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks import fair
from benchmarks.report import __main__ as report
from hera.data import Question
from hera.errors import ConfigError
from hera.evaluation import records
from hera.evaluation.fair_prompts import FairResult
from hera.evaluation.scoring import LABEL_ROOM, PROMPTS, fitted, prompt_for
from hera.types import Engine


def test_a_run_is_written_and_taken_up_again(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out"
    flags = ["--limit", "4", "--output", str(out)]
    fair.main(flags)
    once = records.read(out / "results.json", FairResult)
    assert list(once.variants) == ["base", "stage1", "stage2"]
    assert once.n == len(once.items) == 4
    for name, one in once.variants.items():
        assert tuple(one.prompts) == PROMPTS == tuple(once.prompt_texts)
        for prompt, its in one.prompts.items():
            right = sum(item.pred[prompt][name] == item.gold for item in once.items)
            assert its.accuracy == right / 4
        counted = [
            item.pred[one.chosen[1 - item.half].prompt][name] == item.gold for item in once.items
        ]
        assert one.fair.accuracy == sum(counted) / 4
    told = capsys.readouterr().out
    assert "each with its own best prompt" in told
    assert "cannot be told under 8" in told  # four questions tell nothing
    kept = (out / "items.jsonl").read_text(encoding="utf-8").splitlines(keepends=True)
    assert len(kept) == 4 * len(PROMPTS)
    report.main([str(out), "--output", str(tmp_path / "report")])
    page = (tmp_path / "report" / "report.html").read_text(encoding="utf-8")
    assert page.count("is better than base under 0 of 8 prompts") == 2
    (out / "items.jsonl").write_text("".join(kept[:14]), encoding="utf-8")
    fair.main([*flags, "--resume"])
    again = records.read(out / "results.json", FairResult)
    own = {"seconds", "finished", "environment"}
    assert {k: v for k, v in again.plain().items() if k not in own} == {
        k: v for k, v in once.plain().items() if k not in own
    }


def test_one_question_makes_no_halves() -> None:
    with pytest.raises(ConfigError, match="ask for at least two"):
        fair.main(["--limit", "1"])


def test_an_abstract_over_the_window_is_cut_in_every_prompt(engine: Engine) -> None:
    long = Question("9", "Does it help?", tuple(f"Part {i} says so." for i in range(900)), "", "no")
    for prompt in PROMPTS:
        (asked,) = fitted(engine, [long], ["base"], prompt)
        assert asked.contexts[0].endswith("Part 899 says so.")
        assert -20 < engine.excess(prompt_for(asked, prompt), LABEL_ROOM, ["base"]) <= 0
