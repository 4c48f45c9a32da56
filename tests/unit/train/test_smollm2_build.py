"""What `train.smollm2` reads and keeps back, and the weights that it leaves."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file, save_file

from hera.cli import run
from hera.data import load_pubmedqa, official_test
from hera.refs import Ref
from train.smollm2 import __main__ as build


def test_the_questions_kept_back_are_not_read(tmp_path: Path) -> None:
    source = Ref.of("embedded")
    folder = build.write_data(source, tmp_path / "data")
    again = build.write_data(source, tmp_path / "again")
    read, kept = (
        load_pubmedqa(Ref.of(str(folder / f"pubmedqa_{name}.json"), "--data"), split="train")
        for name in ("train", "dev")
    )
    assert len(kept) == build.DEV
    assert {q.id for q in read}.isdisjoint(q.id for q in kept)
    assert sorted([*read, *kept], key=lambda q: q.id) == sorted(
        load_pubmedqa(source), key=lambda q: q.id
    )
    for path in folder.iterdir():
        assert path.read_bytes() == (again / path.name).read_bytes()
    assert len((folder / "dialogues.jsonl").read_text(encoding="utf-8").splitlines()) > 13_000


def test_the_official_test_split_is_not_among_them(tmp_path: Path) -> None:
    row = {"CONTEXTS": ["It did."], "LONG_ANSWER": "It helps.", "final_decision": "yes"}
    ids = [*sorted(official_test())[:50], *map(str, range(200))]
    file = tmp_path / "mine.json"
    file.write_text(
        json.dumps({name: {"QUESTION": f"Does {name} help?", **row} for name in ids}), "utf-8"
    )
    read, kept = build.split(load_pubmedqa(Ref.of(str(file), "--data"), split="train"))
    assert len(read) + len(kept) == 200
    assert official_test().isdisjoint(q.id for q in [*read, *kept])


def test_of_pubmedqa_itself_the_labelled_questions_are_read(tmp_path: Path) -> None:
    """Its repository has an artificial set beside them, hundreds of times as large."""
    for name, first, count in (("pqa_labeled", 0, 200), ("pqa_artificial", 1000, 300)):
        (tmp_path / name).mkdir()
        lines = [
            json.dumps(
                {"pubid": i, "question": f"Does {i} help?", "context": {"contexts": ["It did."]},
                 "long_answer": "It helps.", "final_decision": "yes"}
            )
            for i in range(first, first + count)
        ]  # fmt: skip
        (tmp_path / name / "train-0.jsonl").write_text("\n".join(lines), encoding="utf-8")
    folder = build.write_data(Ref.of(str(tmp_path), "--pubmedqa"), tmp_path / "out")
    read = json.loads((folder / "pubmedqa_train.json").read_text(encoding="utf-8"))
    kept = json.loads((folder / "pubmedqa_dev.json").read_text(encoding="utf-8"))
    assert sorted({*read, *kept}, key=int) == [str(i) for i in range(200)]


def test_too_few_questions_are_a_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    row = {"CONTEXTS": ["It did."], "LONG_ANSWER": "It helps.", "final_decision": "yes"}
    file = tmp_path / "mine.json"
    file.write_text(json.dumps({str(i): {"QUESTION": f"Does {i} help?", **row} for i in range(30)}))
    out = tmp_path / "out"
    flags = ["--pubmedqa", str(file), "--output", str(out)]
    assert run(lambda: build.main(flags)) == 1
    said = capsys.readouterr().err
    assert said.count("\n") == 1
    assert "30 labelled questions outside the official test split, at least 200" in said
    assert not out.exists()


def test_weights_are_left_in_bfloat16(tmp_path: Path) -> None:
    path = tmp_path / "adapter_model.safetensors"
    weights = {"a": torch.randn(8, 4), "b": torch.randn(4)}
    save_file(weights, path, metadata={"format": "pt"})
    build.round_weights(path)
    left = load_file(path)
    assert {name: w.dtype for name, w in left.items()} == dict.fromkeys(weights, torch.bfloat16)
    for name, weight in weights.items():
        assert torch.equal(left[name], weight.to(torch.bfloat16))
