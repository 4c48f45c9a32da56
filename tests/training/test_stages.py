"""Both stages through their commands, on a few rows: what a user runs, only smaller."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from pathlib import Path
from types import ModuleType

import pytest
import torch
from safetensors.torch import load_file

from hera.cli import run
from hera.evaluation.forgetting import KINDS
from hera.explain import film
from hera.refs import EMBEDDED_DIR, Ref
from hera.types import Message
from hera.weights.files import WEIGHTS, weights_sha256
from tests.serving import command
from train import stage1, stage2

# The folder of both, and how each ended.
Stages = tuple[Path, subprocess.CompletedProcess[str], subprocess.CompletedProcess[str]]


@pytest.fixture(scope="module")
def stages(tmp_path_factory: pytest.TempPathFactory) -> Stages:
    folder = tmp_path_factory.mktemp("stages")
    first = command(
        *("-m", "train.stage1", "--samples", "20", "--output", str(folder / "stage1")),
        home=folder,
    )
    second = command(
        *("-m", "train.stage2", "--adapter", str(folder / "stage1"), "--samples", "100"),
        *("--output", str(folder / "stage2"), "--snapshots", "3"),
        home=folder,
    )
    return folder, first, second


def test_both_stages_write_an_adapter_of_the_recipe(stages: Stages) -> None:
    folder, first, second = stages
    for name, done in (("stage1", first), ("stage2", second)):
        assert done.returncode == 0, done.stderr
        assert "held-out loss" in done.stdout
        files = sorted(path.name for path in (folder / name).iterdir())
        assert files == [
            "adapter_config.json",
            "adapter_model.safetensors",
            "chat_template.jinja",
            "loss.png",
            *(["snapshots"] if name == "stage2" else []),
            "tokenizer.json",
            "tokenizer_config.json",
            "training.json",
        ]
        config = json.loads((folder / name / "adapter_config.json").read_text(encoding="utf-8"))
        assert (config["r"], config["lora_alpha"], config["lora_dropout"]) == (16, 32, 0.05)
        assert len(config["target_modules"]) == 7
        assert config["base_model_name_or_path"] == "hera/embedded"


def test_the_record_says_what_was_done_and_what_it_did(stages: Stages) -> None:
    folder, first, second = stages
    record = json.loads((folder / "stage2" / "training.json").read_text(encoding="utf-8"))
    assert record["arguments"]["samples"] == 100
    assert [run["stage"] for run in record["earlier"]] == ["stage1"]
    assert record["arguments"]["learning_rate"] == 1e-4
    assert len(record["arguments"]["data_sha256"]) == 64
    assert record["base_sha256"] == weights_sha256(Ref.of("embedded"))
    assert record["rows"] == {"train": 90, "held_out": 10, "cut": 0, "unusable": 0}
    assert record["held_out"]["after"]["loss"] < record["held_out"]["before"]["loss"]
    assert record["losses"][-1]["step"] == record["steps"] == 12
    assert record["environment"]["versions"]["torch"]
    told = record["pubmedqa"]
    assert told["n"] == 200
    assert told["before"]["accuracy_ci95"][0] <= told["before"]["accuracy"]
    assert "PubMedQA before" in second.stdout
    for name, done in (("stage1", first), ("stage2", second)):
        forgot = json.loads((folder / name / "training.json").read_text(encoding="utf-8"))["forgot"]
        assert list(forgot) == list(KINDS)
        assert forgot["manner"]["n"] == 12
        assert "after: " in done.stdout


def test_snapshots_are_adapters_and_the_last_is_what_was_trained(stages: Stages) -> None:
    folder, _, _ = stages
    reel = film.read(folder / "stage2" / film.SNAPSHOTS)
    assert list(reel.adapters) == ["step-0", "step-1", "step-2", "step-12"]
    whole = load_file(folder / "stage2" / WEIGHTS)
    last = load_file(reel.adapters["step-12"].folder() / WEIGHTS)
    assert all(torch.equal(last[key], whole[key].half()) for key in whole)
    first = load_file(reel.adapters["step-0"].folder() / WEIGHTS)
    begun = load_file(folder / "stage1" / WEIGHTS)
    assert all(torch.equal(first[key], begun[key].half()) for key in begun)
    began, *_, end = reel.film.frames
    assert began.held_out.gain == 0 < end.held_out.gain
    record = json.loads((folder / "stage2" / "training.json").read_text(encoding="utf-8"))
    assert end.training_loss in [entry["loss"] for entry in record["losses"]]
    assert (reel.film.held_out_rows, reel.film.questions) == (10, 16)


def test_what_was_trained_can_be_served(stages: Stages) -> None:
    from hera import GenerationParams, load_engine

    folder, _, _ = stages
    engine = load_engine("embedded", {name: str(folder / name) for name in ("stage1", "stage2")})
    assert engine.variants == ("base", "stage1", "stage2")
    prompt: list[Message] = [{"role": "user", "content": "Hello"}]
    params = GenerationParams(max_new_tokens=4, temperature=0.0)
    assert list(engine.stream(dict.fromkeys(engine.variants, prompt), params))


def test_a_dry_run_plans_and_writes_nothing(tmp_path: Path) -> None:
    output = tmp_path / "out"
    done = command(
        *("-m", "train.stage1", "--samples", "40", "--dry-run", "--output", str(output)),
        home=tmp_path,
    )
    assert done.returncode == 0, done.stderr
    for words in ("36 to train on", "median", "GiB at the peak", "parameters are trained"):
        assert words in done.stdout
    assert done.stdout.startswith("dry run of stage1: read embedded, load embedded in 16 bits")
    assert re.search(r"step 1: [\d.]+ s\n", done.stdout)
    assert re.search(r"time: 5 steps of about [\d.]+ s \(\d were tried\), about", done.stdout)
    shown = done.stdout[done.stdout.index("<bos>") :]
    assert shown.count("<bos>") == 1
    assert shown[: shown.index("«")].endswith("<start_of_turn>model\n")
    assert "<end_of_turn>»" in shown
    assert not output.exists()


def test_an_output_folder_is_never_overwritten(stages: Stages) -> None:
    folder, _, _ = stages
    same = ("-m", "train.stage1", "--samples", "20", "--output", str(folder / "stage1"))
    before = (folder / "stage1" / "adapter_model.safetensors").read_bytes()
    done = command(*same, home=folder)
    assert done.returncode == 2
    assert "this very run" in done.stderr
    done = command(*same, "--resume", home=folder)
    assert done.returncode == 0
    assert "already complete" in done.stdout
    done = command(*same[:3], "21", *same[4:], "--resume", home=folder)
    assert done.returncode == 2
    assert "samples: 20 there, 21 here" in done.stderr
    assert (folder / "stage1" / "adapter_model.safetensors").read_bytes() == before


def test_bad_use_is_one_line(stages: Stages) -> None:
    folder, _, _ = stages
    flags = ("--adapter", "./no", "--output", str(folder / "x"))
    done = command("-m", "train.stage2", *flags, home=folder)
    assert done.returncode == 1
    assert done.stderr.count("\n") == 1
    assert "./no: no such folder" in done.stderr
    assert not (folder / "x").exists()


@pytest.mark.parametrize(
    ("stage", "flags", "words"),
    [
        (stage1, ("--samples", "3"), "at least 10"),
        (stage1, ("--data", "nowhere.json"), "no such file"),
        (stage1, ("--data", "{columns}"), "20 of 20 rows cannot be used"),
        (stage2, ("--data", "{columns}", "--adapter", "./no"), "20 of 20 rows cannot be used"),
        (stage2, (), "Give --adapter"),
        (stage2, ("--mix", "embedded", "--fresh"), "--fresh"),
        (stage2, ("--from-base", "--adapter", "./a"), "--from-base"),
        (stage2, ("--fresh", "--adapter", "{moved}", "--snapshots", "2"), "--fresh joins it"),
        (stage1, ("--snapshots", "-1"), "--snapshots -1: give how many"),
        (stage1, ("--adapter", "./no"), "./no: no such folder"),
        (stage1, ("--learning-rate", "nan"), "--learning-rate nan: give one"),
        (stage1, ("--seed", "-1"), "--seed -1: give one from 0"),
        (stage1, ("--push-to-hub", ""), "--push-to-hub : give OWNER/NAME"),
        (stage1, ("--push-to-hub", "me/x/y", "--dry-run"), "me/x/y: give OWNER/NAME"),
        (stage1, ("--adapter", "{unread}"), "its training.json is not that of a run"),
        (stage1, ("--adapter", "{moved}"), "columns, not on --model embedded"),
        (stage1, ("--model", "{unread}"), "an adapter. Give the base"),
        (stage1, ("--adapter", "embedded"), "embedded: a full model, no adapter"),
    ],
)
def test_what_a_run_cannot_take_is_said_before_anything_is_written(
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    stage: ModuleType,
    flags: tuple[str, ...],
    words: str,
) -> None:
    columns = tmp_path / "columns" / "columns.jsonl"
    columns.parent.mkdir()
    columns.write_text('{"text": "x"}\n' * 20, encoding="utf-8")
    unread, moved = tmp_path / "unread", tmp_path / "moved"
    for folder, base in ((unread, "hera/embedded"), (moved, str(columns.parent))):
        shutil.copytree(EMBEDDED_DIR / "stage1", folder)
        config = folder / "adapter_config.json"
        text = config.read_text(encoding="utf-8").replace("hera/embedded", base)
        config.write_text(text, encoding="utf-8")
    (unread / "training.json").write_text("{", encoding="utf-8")
    out = tmp_path / "x"
    given = [flag.format(columns=columns, unread=unread, moved=moved) for flag in flags]
    assert run(lambda: stage.main([*given, "--output", str(out)])) in (1, 2)
    error = capsys.readouterr().err
    assert error.count("\n") == 1
    assert words in error
    assert not out.exists()


@pytest.mark.parametrize(
    ("output", "words"),
    [
        ("file", "it is a file"),
        ("file/below", "file is a file"),
        ("torn", "its run.json is not that of a run"),
        ("strange", "its training.json is not that of a run"),
    ],
)
def test_a_place_that_no_run_can_have_is_said_before_anything_is_loaded(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], output: str, words: str
) -> None:
    for name, content in (("torn/run.json", "{"), ("strange/training.json", "[]"), ("file", "")):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(content, encoding="utf-8")
    flags = ["--samples", "20", "--output", str(tmp_path / output)]
    assert run(lambda: stage1.main(flags)) == 2
    said = capsys.readouterr()
    assert "loading" not in said.out
    assert said.err.count("\n") == 1
    assert words in said.err


@pytest.mark.parametrize("way", ["--fresh --adapter {}", "--mix embedded --adapter {}"])
def test_other_ways_to_chain(stages: Stages, way: str) -> None:
    folder, _, _ = stages
    out = folder / way.split()[0].strip("-")
    given = [flag.format(folder / "stage1") for flag in way.split()]
    stage2.main([*given, "--samples", "100", "--questions", "none", "--output", str(out)])
    config = json.loads((out / "adapter_config.json").read_text(encoding="utf-8"))
    assert config["r"] == (32 if "--fresh" in way else 16)
    record = json.loads((out / "training.json").read_text(encoding="utf-8"))
    assert record["rows"]["train"] == (180 if "--mix" in way else 90)
    assert record["held_out"]["after"]["loss"] < record["held_out"]["before"]["loss"]


def test_the_other_order_of_stages(tmp_path: Path) -> None:
    """Stage 2 from the base, stage 1 on top of it, with a seed and a rate of one's own."""
    own = ("--samples", "10", "--seed", "7", "--learning-rate", "0.001")
    doctor, both = tmp_path / "doctor", tmp_path / "both"
    stage2.main(["--from-base", "--questions", "none", *own, "--output", str(doctor)])
    stage1.main(["--adapter", str(doctor), "--no-probes", *own, "--output", str(both)])
    record = json.loads((both / "training.json").read_text(encoding="utf-8"))
    assert [run["stage"] for run in record["earlier"]] == ["stage2"]
    assert "pubmedqa" not in json.loads((doctor / "training.json").read_text(encoding="utf-8"))
    assert (record["arguments"]["seed"], record["arguments"]["learning_rate"]) == (7, 1e-3)
    assert record["held_out"]["after"]["loss"] < record["held_out"]["before"]["loss"]


def test_a_fresh_adapter_begins_where_stage_1_ended(stages: Stages, tmp_path: Path) -> None:
    """Joined by ranks, an untrained adapter on stage 1 is stage 1."""
    import numpy as np

    from hera import load_engine
    from train import saving, starting
    from train.recipe import TrainingRun

    folder, _, _ = stages
    adapter, embedded = str(folder / "stage1"), Ref.of("embedded")
    start = starting.Start(Ref.of(adapter, "--adapter"), fresh=True)
    asked = TrainingRun("stage2", embedded, embedded, tmp_path / "joined", stage2.RECIPE)
    _, model = starting.load(asked, start)
    asked.output.mkdir()
    saving.save_adapter(asked, start, model)
    engine = load_engine("embedded", {"one": adapter, "joined": str(asked.output)}, dtype="float32")
    scores = engine.label_logprobs([[{"role": "user", "content": "Does rest help?"}]])
    assert np.allclose(scores[1], scores[2], atol=1e-4)
    assert not np.allclose(scores[0], scores[1], atol=1e-4)
