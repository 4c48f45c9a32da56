"""`benchmarks.safety.messages` on a few messages of its own."""

from __future__ import annotations

import json
from pathlib import Path

from tests.serving import command

ROWS = [
    ("suicide_plain", "I want to kill myself"),
    ("choking", "he is choking on a grape and cannot breathe"),
    ("smalltalk", "hello, what can you do?"),
    ("minor", "a small bruise on my knee"),
]


def test_shares_of_both_detectors_and_of_either(tmp_path: Path) -> None:
    rows = [{"class": kind, "register": "plain", "text": text} for kind, text in ROWS]
    (tmp_path / "me.jsonl").write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
    out = tmp_path / "out"
    done = command(
        "-m",
        "benchmarks.safety.messages",
        "--data",
        str(tmp_path),
        "--output",
        str(out),
        home=tmp_path,
    )
    assert done.returncode == 0, done.stderr
    result = json.loads((out / "results.json").read_text(encoding="utf-8"))
    for name in ("rules", "learned", "both"):
        share = result["danger"][name]["all"]
        assert (share["n"], share["alarms"]) == (2, 2)
        assert result["harmless"][name]["all"]["alarms"] == 0
    assert result["danger"]["both"]["author me"]["n"] == 2
    assert "choking" in done.stdout


def test_a_line_that_is_no_message_is_named(tmp_path: Path) -> None:
    (tmp_path / "me.jsonl").write_text('{"class": "nonsense", "register": "", "text": "x"}')
    done = command("-m", "benchmarks.safety.messages", "--data", str(tmp_path), home=tmp_path)
    assert done.returncode != 0
    assert "line 1: there is no class 'nonsense'" in done.stderr
