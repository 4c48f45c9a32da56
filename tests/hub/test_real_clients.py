"""The commands as people type them, with Hub ids: the real clients fetch everything."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest
from huggingface_hub import ModelCard

from tests.doubles.gguf import write_embedded
from tests.doubles.hub.contents import ADAPTER, DEEP, DIALOGUES, GEMMA, PUBMEDQA
from tests.doubles.hub.server import Hub
from tests.serving import command


def run(
    hub: Hub, home: Path, *arguments: str, **variables: str
) -> subprocess.CompletedProcess[str]:
    return command(*arguments, home=home, **{**hub.environment(), **variables})


def done(finished: subprocess.CompletedProcess[str]) -> str:
    assert finished.returncode == 0, finished.stderr
    return finished.stdout


def one_line(finished: subprocess.CompletedProcess[str]) -> str:
    assert finished.returncode == 1, finished.stderr
    assert finished.stderr.count("\n") == 1, finished.stderr
    return finished.stderr


@pytest.fixture(scope="module")
def trained(running: Hub, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """Stage 2 on Hub ids alone, pushed when it is done."""
    home = tmp_path_factory.mktemp("trained")
    refs = ("--model", GEMMA, "--adapter", ADAPTER, "--data", DIALOGUES, "--questions", PUBMEDQA)
    more = ("--samples", "20", "--output", str(home / "out"), "--push-to-hub", "me/trained")
    return home, done(run(running, home, "-m", "train.stage2", *refs, *more))


def test_a_stage_goes_on_from_the_hub_and_is_published_there(
    hub: Hub, trained: tuple[Path, str]
) -> None:
    home, said = trained
    assert "published: " in said
    config = json.loads((home / "out" / "adapter_config.json").read_text(encoding="utf-8"))
    assert config["base_model_name_or_path"] == GEMMA
    assert not [path for _, path, _ in hub.requests if "telemetry" in path]
    files = hub.repo("model", "me/trained").files()
    for name in ("adapter_model.safetensors", "training.json", "loss.png", "tokenizer.json"):
        assert files[name] == (home / "out" / name).read_bytes()
    card = ModelCard(files["README.md"].decode())
    assert (card.data["base_model"], card.data["datasets"]) == (GEMMA, [PUBMEDQA, DIALOGUES])
    assert f"going on from `{ADAPTER}`" in card.text
    assert "18 trained on, 2 held out" in card.text
    assert f"PubMedQA accuracy (`{PUBMEDQA}`, n = 40)" in card.text
    assert card.data["eval_results"] is None


def test_a_gguf_file_of_a_repository_is_a_base(hub: Hub, tmp_path: Path) -> None:
    write_embedded(tmp_path / "base.gguf")
    hub.seed("model", "me/files", {"base.gguf": (tmp_path / "base.gguf").read_bytes()})
    flags = ("--adapter", f"stage1={ADAPTER}", "--limit", "4", "--output", str(tmp_path / "out"))
    asked = ("-m", "benchmarks.pubmedqa", "--model", "me/files/base.gguf", *flags)
    done(run(hub, tmp_path, *asked))
    results = json.loads((tmp_path / "out" / "results.json").read_text(encoding="utf-8"))
    assert results["environment"]["model"] == "me/files/base.gguf"
    missing = run(hub, tmp_path, "-m", "benchmarks.pubmedqa", "--model", "me/files/none.gguf")
    assert "--model me/files/none.gguf: cannot be loaded" in one_line(missing)


def test_a_score_from_the_hub_is_the_same_offline_from_the_cache(
    hub: Hub, trained: tuple[Path, str]
) -> None:
    home, _ = trained
    adapters = ("--adapter", f"stage1={ADAPTER}", "--adapter", f"deep={DEEP}")
    flags = ("--model", GEMMA, *adapters, "--data", PUBMEDQA)
    asked = ("-m", "benchmarks.pubmedqa", *flags, "--limit", "8", "--output")
    hub.fail("GET", f"/api/models/{GEMMA}", 503)
    done(run(hub, home, *asked, str(home / "online")))
    seen = len(hub.requests)
    done(run(hub, home, *asked, str(home / "offline"), HF_HUB_OFFLINE="1"))
    assert len(hub.requests) == seen
    online, offline = (
        json.loads((home / name / "results.json").read_text(encoding="utf-8"))
        for name in ("online", "offline")
    )
    for result in (online, offline):
        for key in ("seconds", "finished"):
            result.pop(key, None)
    assert online == offline
    assert len(online["environment"]["weights"]["stage1"]) == 64
    assert online["variants"]["stage1"] != online["variants"]["base"]
    weights = online["environment"]["weights"]
    assert weights["deep"] == weights["stage1"]
    assert online["variants"]["deep"]["accuracy"] == online["variants"]["stage1"]["accuracy"]


def test_a_push_that_cannot_work_is_refused_before_the_training(hub: Hub, tmp_path: Path) -> None:
    flags = ("--data", PUBMEDQA, "--output", str(tmp_path / "out"))
    asked = ("-m", "train.stage1", *flags, "--push-to-hub", "other/theirs")
    error = one_line(run(hub, tmp_path, *asked))
    assert "other/theirs: the token belongs to me" in error
    assert not (tmp_path / "out").exists()


def test_a_gated_model_says_what_to_click_and_which_variable_to_set(
    hub: Hub, tmp_path: Path
) -> None:
    hub.seed("model", "google/gemma-2-9b-it", {"config.json": b"{}"}, gated=True)
    flags = ("--model", "google/gemma-2-9b-it", "--samples", "20", "--output", str(tmp_path / "x"))
    error = one_line(run(hub, tmp_path, "-m", "train.stage1", *flags))
    assert "https://huggingface.co/google/gemma-2-9b-it, click" in error
    assert "HF_TOKEN" in error


def test_an_unknown_data_set_is_named(hub: Hub, tmp_path: Path) -> None:
    flags = ("--data", "nobody/nothing", "--output", str(tmp_path / "x"))
    error = one_line(run(hub, tmp_path, "-m", "train.stage1", *flags))
    assert "nobody/nothing" in error
    assert "HF_TOKEN" in error


def test_a_rejected_token_is_named(hub: Hub, tmp_path: Path) -> None:
    flags = ("--data", PUBMEDQA, "--output", str(tmp_path / "x"))
    error = one_line(run(hub, tmp_path, "-m", "train.stage1", *flags, HF_TOKEN="hf_unknown"))
    assert "does not accept the token" in error
    assert "settings/tokens" in error
