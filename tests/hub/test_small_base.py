"""The real small base from a Hub over HTTP (`tests.doubles.hub`): fetched once, then at hand."""

from __future__ import annotations

from pathlib import Path

from benchmarks.speed.port import free_port
from hera.refs import BASES, EMBEDDED_DIR, SMOLLM2
from tests.doubles import packages
from tests.doubles.hub.server import Hub
from tests.serving import command

FETCH = ("-m", "hera.weights.smollm2")
LOAD = "from hera import load_engine; print(load_engine('smollm2', {}).device)"


def test_what_is_read_is_fetched_once_and_then_nobody_is_asked(hub: Hub, tmp_path: Path) -> None:
    base = {path.name: path.read_bytes() for path in EMBEDDED_DIR.iterdir() if path.is_file()}
    hub.seed("model", BASES[SMOLLM2], {**base, "onnx/model.onnx": b"other programs' weights"})
    without = {"PYTHONPATH": packages.none(tmp_path)}
    done = command(*FETCH, home=tmp_path, **hub.environment(token=None), **without)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == "smollm2: downloaded from the Hub.\n"
    cached = {path.name for path in (tmp_path / "hf" / "hub").rglob("snapshots/*/*")}
    assert "model.safetensors" in cached
    assert not {"onnx", "README.md"} & cached
    seen = len(hub.requests)
    again = command(*FETCH, home=tmp_path, **hub.environment(token=None), **without)
    assert again.stdout == "smollm2: in the Hub's cache already.\n"
    assert len(hub.requests) == seen
    gone = {"HF_ENDPOINT": f"http://127.0.0.1:{free_port()}", "HF_HUB_OFFLINE": "0"}
    loaded = command("-c", LOAD, home=tmp_path, **gone, **without)
    assert (loaded.returncode, loaded.stdout) == (0, "cpu\n"), loaded.stderr


def test_it_is_loaded_from_a_hub_that_answers(hub: Hub, tmp_path: Path) -> None:
    base = {path.name: path.read_bytes() for path in EMBEDDED_DIR.iterdir() if path.is_file()}
    hub.seed("model", BASES[SMOLLM2], base)
    without = {"PYTHONPATH": packages.none(tmp_path)}
    commit = hub.repo("model", BASES[SMOLLM2]).at("main").sha
    hub.seed("model", BASES[SMOLLM2], {**base, "model.safetensors": b"pushed since then"})
    pinned = LOAD.replace("smollm2", f"smollm2@{commit}")
    done = command("-c", pinned, home=tmp_path, **hub.environment(token=None))  # not the package
    assert (done.returncode, done.stdout) == (0, "cpu\n"), done.stderr
    hub.seed("model", BASES[SMOLLM2], base)
    hub.fail("GET", f"/api/models/{BASES[SMOLLM2]}", 503)
    down = command("-c", LOAD, home=tmp_path, **hub.environment(token=None), **without)
    assert "smollm2: cannot be had: the Hub cannot be asked (" in down.stderr
    done = command("-c", LOAD, home=tmp_path, **hub.environment(token=None), **without)
    assert (done.returncode, done.stdout) == (0, "cpu\n"), done.stderr
