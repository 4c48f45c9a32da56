"""Both stages through their commands, on a few rows: what a user runs, only smaller."""

from __future__ import annotations

import json

import pytest

from tests.serving import command


@pytest.fixture(scope="module")
def stages(tmp_path_factory):
    folder = tmp_path_factory.mktemp("stages")
    first = command(
        *("-m", "train.stage1", "--samples", "20", "--output", str(folder / "stage1")),
        home=folder,
    )
    second = command(
        *("-m", "train.stage2", "--adapter", str(folder / "stage1"), "--samples", "20"),
        *("--output", str(folder / "stage2")),
        home=folder,
    )
    return folder, first, second


def test_both_stages_write_an_adapter_of_the_recipe(stages):
    folder, first, second = stages
    for name, done in (("stage1", first), ("stage2", second)):
        assert done.returncode == 0, done.stderr
        assert "held-out loss" in done.stdout
        files = sorted(path.name for path in (folder / name).iterdir())
        assert "adapter_model.safetensors" in files
        config = json.loads((folder / name / "adapter_config.json").read_text(encoding="utf-8"))
        assert (config["r"], config["lora_alpha"], config["lora_dropout"]) == (16, 32, 0.05)
        assert len(config["target_modules"]) == 7
        assert config["base_model_name_or_path"] == "hera/embedded"
        assert not [name for name in files if name.endswith((".bin", ".pt", ".pth"))]


def test_what_was_trained_can_be_served(stages):
    from hera import GenerationParams, load_engine

    folder, _, _ = stages
    engine = load_engine("embedded", {name: str(folder / name) for name in ("stage1", "stage2")})
    assert engine.variants == ("base", "stage1", "stage2")
    prompt = [{"role": "user", "content": "Hello"}]
    params = GenerationParams(max_new_tokens=4, temperature=0.0)
    assert list(engine.stream(dict.fromkeys(engine.variants, prompt), params))


def test_bad_use_is_one_line(stages):
    folder, _, _ = stages
    for flags in (
        ("train.stage1", "--output", str(folder / "stage1")),
        ("train.stage1", "--samples", "3", "--output", str(folder / "x")),
        ("train.stage1", "--data", "nowhere.json", "--output", str(folder / "x")),
        ("train.stage2", "--adapter", "./nowhere", "--output", str(folder / "x")),
    ):
        done = command("-m", *flags, home=folder)
        assert done.returncode in (1, 2)
        assert done.stderr.count("\n") == 1, done.stderr
