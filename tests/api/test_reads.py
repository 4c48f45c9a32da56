"""benchmarks.reads as a command: what it writes, and that a run taken up again ends the same."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks import reads
from hera.evaluation import records
from hera.evaluation.altered import OPPOSITE
from hera.evaluation.reading import ReadsResult


def test_a_run_is_written_and_taken_up_again(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out"
    flags = ["--limit", "12", "--output", str(out)]
    reads.main(flags)
    once = records.read(out / "results.json", ReadsResult)
    assert set(once.variants) == {"base", "stage1", "stage2"}
    assert set(once.non_readers) == {"keyword rule", "bag of words"}
    assert once.n == 12 == once.negated + once.left_out
    assert 0 < once.negated == once.variants["stage2"].turned.n
    for item in once.items:
        assert {"original", "removed", "exchanged"} <= set(item.pred)
        assert ("negated" in item.pred) == bool(item.negated)
        assert not item.negated or item.gold in OPPOSITE
    told = capsys.readouterr().out
    assert "turned by the finding against keyword rule" in told
    assert "survives" in told
    kept = (out / "items.jsonl").read_text(encoding="utf-8").splitlines(keepends=True)
    (out / "items.jsonl").write_text("".join(kept[:20]), encoding="utf-8")
    reads.main([*flags, "--resume"])
    again = records.read(out / "results.json", ReadsResult)
    own = {"seconds", "finished", "environment"}
    assert {k: v for k, v in again.plain().items() if k not in own} == {
        k: v for k, v in once.plain().items() if k not in own
    }
