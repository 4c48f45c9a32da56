"""`python -m benchmarks.reasoning` as a user runs it."""

from __future__ import annotations

import json
from pathlib import Path

from tests.serving import command


def test_reasoning_on_the_embedded_model(tmp_path: Path) -> None:
    out = tmp_path / "out"
    arguments = ["--limit", "8", "--seed", "5", "--output", str(out)]
    done = command("-m", "benchmarks.reasoning", *arguments, home=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "n = 8" in done.stdout
    result = json.loads((out / "results.json").read_text(encoding="utf-8"))
    lines = (out / "items.jsonl").read_text(encoding="utf-8").splitlines()
    items = {item["id"]: item for item in map(json.loads, lines)}
    assert len(items) == result["data"]["n"] == 8
    assert result["partial"] is False
    assert list(result["variants"]) == ["base", "stage1", "stage2"]
    assert len(result["paired"]) == 3
    always = [result["baselines"][f"always {letter}"]["accuracy"] for letter in "ABCD"]
    assert sum(always) == 1.0
    for name, variant in result["variants"].items():
        assert {answer["id"] for answer in variant["items"]} == set(items)
        for answer in variant["items"]:
            assert answer["pred"] == max(answer["logprobs"], key=answer["logprobs"].get)
            assert items[answer["id"]]["logprobs"][name] == answer["logprobs"]
        right = sum(answer["pred"] == answer["gold"] for answer in variant["items"])
        assert variant["accuracy"] == right / 8
        assert sum(topic["n"] for topic in variant["per_topic"].values()) == 8
    logprobs = {
        json.dumps([a["logprobs"] for a in v["items"]]) for v in result["variants"].values()
    }
    assert len(logprobs) == 3
