"""`python -m benchmarks.quality` as a user runs it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from hera.evaluation.quality.measures import DEFINITIONS
from hera.evaluation.quality.text_measures import grade, words
from tests.serving import command


def row(patient: str, doctor: str) -> dict[str, str]:
    return {"instruction": "If you are a doctor, answer.", "input": patient, "output": doctor}


ROWS = [
    row("I have a headache since Monday. What could this be?", "It may be migraine. Rest."),
    row("no reply to this one", ""),
    row("My knee hurts after running.", "Cool it, and rest the leg for some days."),
    row("Pain, " * 4000, "A very long story."),
    row("I cannot sleep. What should I do?", "Keep the same hours every day."),
    row("And what do you say to my story?", "A very long reply. " * 4000),
]


def test_answers_are_measured_and_what_cannot_be_asked_is_said(tmp_path: Path) -> None:
    data, out = tmp_path / "dialogues.jsonl", tmp_path / "out"
    data.write_text("".join(json.dumps(r) + "\n" for r in ROWS), encoding="utf-8")
    done = command(
        "-m", "benchmarks.quality", "--data", str(data), "--limit", "5", "--max-new-tokens", "24",
        "--output", str(out), home=tmp_path,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert done.stderr.startswith("2 rows are left out, the first: ")
    assert "row 2: no 'output'" in done.stderr
    assert "dialogue 5: the doctor's reply is over the model's window." in done.stderr
    assert "cut to the model's window, from the beginning: 1 (3)" in done.stdout
    result = json.loads((out / "results.json").read_text(encoding="utf-8"))
    assert result["definitions"] == DEFINITIONS
    assert all(f"{name}: {line}" in done.stdout for name, line in DEFINITIONS.items())
    assert (result["data"]["n"], result["scored"], result["left_out"]) == (4, 4, 2)
    assert result["cut"] == ["3"]
    assert result["partial"] is False
    assert list(result["variants"]) == ["base", "stage1", "stage2"]
    for variant in result["variants"].values():
        assert {item["id"] for item in variant["items"]} == {"1", "2", "3", "4"}
        for item in variant["items"]:
            assert item["words"] == len(words(item["text"]))
            assert item["grade"] == grade(item["text"])
            assert item["turn_end"] == (item["finished"] == "stop")
            assert 0 < item["similarity"] < 1
        for name in DEFINITIONS:
            mean = sum(item[name] for item in variant["items"]) / 4
            assert variant[name]["mean"] == pytest.approx(mean)
    for pair in result["paired"]:
        a, b = (result["variants"][pair[k]]["tokens"]["mean"] for k in ("a", "b"))
        assert pair["measures"]["tokens"]["difference"] == pytest.approx(b - a)
    own, other = result["baselines"]["reference"], result["baselines"]["other"]
    assert own["words"] == other["words"]  # the same replies, each to another patient
    assert 0 < other["rouge_l"]["mean"] < 1
    assert len((out / "items.jsonl").read_text(encoding="utf-8").splitlines()) == 4
