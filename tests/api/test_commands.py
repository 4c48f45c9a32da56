"""`python -m benchmarks.pubmedqa` as a user runs it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.serving import command

ROWS = {
    "1": {
        "QUESTION": "Does rest help?",
        "CONTEXTS": ["We asked.", "It helped (p = 0.01)."],
        "LONG_ANSWER": "Rest helps.",
        "final_decision": "yes",
    },
    "2": {
        "QUESTION": "Does noise help?",
        "CONTEXTS": ["We asked.", "It did not (p = 0.8)."],
        "LONG_ANSWER": "Noise does not help.",
        "final_decision": "no",
    },
}


@pytest.mark.parametrize("prompt", ["hera", "lm-eval"])
def test_both_files(tmp_path: Path, prompt: str) -> None:
    data, out = tmp_path / "ori_pqal.json", tmp_path / "out"
    data.write_text(json.dumps(ROWS), encoding="utf-8")
    arguments = ["--data", str(data), "--prompt", prompt, "--output", str(out)]
    done = command("-m", "benchmarks.pubmedqa", *arguments, home=tmp_path)
    assert done.returncode == 0, done.stderr
    result = json.loads((out / "results.json").read_text(encoding="utf-8"))
    assert result["benchmark"] == "pubmedqa"
    assert result["prompt"] == prompt
    assert result["data"]["n"] == 2
    assert list(result["variants"]) == ["base", "stage1", "stage2"]
    assert {(p["a"], p["b"]) for p in result["paired"]} >= {("base", "stage1")}
    for name, variant in result["variants"].items():
        predictions = json.loads((out / f"predictions-{name}.json").read_text(encoding="utf-8"))
        assert predictions == {item["id"]: item["pred"] for item in variant["items"]}
        right = sum(item["pred"] == item["gold"] for item in variant["items"])
        assert variant["accuracy"] == right / 2
        assert {k: v["support"] for k, v in variant["per_class"].items()} == {
            "yes": 1,
            "no": 1,
            "maybe": 0,
        }
    again = command("-m", "benchmarks.pubmedqa", *arguments, home=tmp_path)
    assert again.returncode == 2
    assert "it holds a run" in again.stderr


@pytest.mark.parametrize(
    "flags",
    [
        ("--data", "nowhere.json"),
        ("--model", "./nowhere"),
        ("--adapter", "mine=./nowhere"),
        ("--limit", "0"),
    ],
)
def test_bad_input_is_one_line(tmp_path: Path, flags: tuple[str, ...]) -> None:
    done = command("-m", "benchmarks.pubmedqa", *flags, home=tmp_path)
    assert done.returncode in (1, 2)
    assert done.stderr.count("\n") == 1
    assert flags[1].split("=")[-1] in done.stderr


def test_broken_data_names_the_place(tmp_path: Path) -> None:
    data = tmp_path / "broken.jsonl"
    data.write_text('{"question": "Q?"}\n{oops\n', encoding="utf-8")
    done = command("-m", "benchmarks.pubmedqa", "--data", str(data), home=tmp_path)
    assert done.returncode == 1
    assert "line 2" in done.stderr
    assert "Traceback" not in done.stderr
