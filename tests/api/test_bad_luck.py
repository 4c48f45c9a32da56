"""Damaged files and a clock that jumps: what is whole is served, what is not is named in a line,
and no wait and no time is wrong."""

from __future__ import annotations

import json
import shutil
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from gradio_client import Client
from safetensors.numpy import load_file, save_file

from hera.refs import EMBEDDED_DIR
from tests.serving import App, command, serve

WEIGHTS, CONFIG = "adapter_model.safetensors", "adapter_config.json"
GREEDY = {"max_new_tokens": 24, "temperature": 0.0}


def cut(path: Path, size: int) -> None:
    path.write_bytes(path.read_bytes()[:size])


def planted(folder: Path, change: Callable[[np.ndarray], np.ndarray]) -> None:
    """One tensor of an adapter changed."""
    tensors = load_file(folder / WEIGHTS)
    key = next(key for key in sorted(tensors) if "lora_A" in key)
    save_file({**tensors, key: np.ascontiguousarray(change(tensors[key]))}, folder / WEIGHTS)


def lost(values: np.ndarray) -> np.ndarray:
    spoilt = values.copy()
    spoilt[0, 0] = np.nan
    return spoilt


DAMAGE: dict[str, tuple[Callable[[Path], None], str]] = {
    "short": (
        lambda folder: cut(folder / WEIGHTS, 5_000),
        f"its {WEIGHTS} is cut short or damaged (Error while deserializing header",
    ),
    "lost": (lambda folder: planted(folder, lost), "lora_A holds a value that is no number"),
    "narrow": (
        lambda folder: planted(folder, lambda values: values[:, :-1]),
        "made for another base: layers.0.mlp.down_proj.lora_A is 16 x 767 there, 16 x 768 here",
    ),
    "prose": (
        lambda folder: cut(folder / CONFIG, 40),
        f"its {CONFIG} is cut short or damaged (Unterminated string",
    ),
}


def cached(home: Path, repo: str, source: Path, damaged: str, size: int) -> None:
    """A repository in the Hub's cache, with one file cut short."""
    at = home / "hf" / "hub" / f"models--{repo.replace('/', '--')}"
    files = at / "snapshots" / ("a" * 40)
    keep = shutil.ignore_patterns("film", "data", "stage1", "stage2")
    shutil.copytree(source, files, ignore=keep)
    cut(files / damaged, size)
    (at / "refs").mkdir()
    (at / "refs" / "main").write_text("a" * 40, encoding="utf-8")


@pytest.fixture(scope="module")
def unlucky(tmp_path_factory: pytest.TempPathFactory) -> Iterator[App]:
    home = tmp_path_factory.mktemp("unlucky")
    flags = ["--adapter", f"whole={EMBEDDED_DIR / 'stage2'}"]
    for name, (damage, _) in DAMAGE.items():
        damage(Path(shutil.copytree(EMBEDDED_DIR / "stage1", home / name)))
        flags += ["--adapter", f"{name}={home / name}"]
    cached(home, "me/cached", EMBEDDED_DIR / "stage1", WEIGHTS, 900)
    flags += ["--adapter", "cached=me/cached", "--log"]
    with serve(home, *flags, program="tests/jumping_app.py", start="fresh") as app:
        yield app


def test_each_damaged_adapter_is_named_and_the_others_are_served(unlucky: App) -> None:
    client = Client(unlucky.url, verbose=False)
    while (health := client.predict(api_name="/health"))["status"] == "loading":
        time.sleep(0.2)
    assert (health["status"], health["variants"]) == ("degraded", ["base", "whole"])
    assert sorted(health["left_out"]) == sorted([*DAMAGE, "cached"])
    for name, (_, why) in DAMAGE.items():
        (note,) = [one for one in health["notes"] if one.startswith(f"{name} left out: ")]
        assert note.startswith(f"{name} left out: --adapter {name}={name}: ")
        assert why in note
    (note,) = [one for one in health["notes"] if one.startswith("cached left out: ")]
    assert note.endswith("Fetch it anew: hf cache rm model/me/cached, then start again")
    told = client.predict("What is asthma?", **GREEDY, api_name="/compare")
    assert {name: row["error"] for name, row in told.items()} == {"base": None, "whole": None}
    assert "Traceback" not in unlucky.output()


def test_a_clock_that_jumps_ends_no_wait_late_and_gives_no_time_below_zero(unlucky: App) -> None:
    client = Client(unlucky.url, verbose=False)
    began = time.monotonic()
    calls = [
        client.submit("What is gout?", "base", max_new_tokens=64, api_name="/chat"),
        client.submit("What is gout?", **GREEDY, api_name="/compare"),
        client.submit(["base"], 16, 1, api_name="/pubmedqa"),
    ]
    said, compared, scored = (call.result(timeout=120) for call in calls)
    assert time.monotonic() - began < 120
    assert said
    assert all(row["tokens_per_second"] > 0 for row in compared.values())
    assert scored["n"] == 16
    lines = [json.loads(line) for line in unlucky.output().splitlines() if line.startswith("{")]
    assert {line["event"] for line in lines} >= {"endpoints.chat", "endpoints.pubmedqa"}
    assert all(0 <= line["seconds"] < 120 for line in lines)
    assert "Traceback" not in unlucky.output()


def test_a_base_that_is_damaged_in_the_hub_s_cache_is_one_line(tmp_path: Path) -> None:
    cached(tmp_path, "me/base", EMBEDDED_DIR, "model.safetensors", 1_000_000)
    asked = ("-m", "benchmarks.pubmedqa", "--model", "me/base", "--limit", "2")
    done = command(*asked, home=tmp_path, HF_HOME=str(tmp_path / "hf"))
    assert done.returncode == 1
    assert "--model me/base: one of its files is cut short or damaged" in done.stderr
    assert "Fetch it anew: hf cache rm model/me/base, then start again." in done.stderr
    assert "Traceback" not in done.stderr
