"""The real vLLM, on a CPU: `make test-vllm`. It says what HERA says, to the token."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from benchmarks.speed.port import free_port
from hera import GenerationParams, load_dialogues, load_engine, load_pubmedqa
from hera.engine import connect
from hera.prompts import LABEL_TEXTS, decide_messages
from hera.refs import EMBEDDED_DIR
from hera.types import BASE, Engine
from tests.serving import answers

VLLM = os.environ.get("HERA_VLLM", "")
pytestmark = pytest.mark.skipif(not VLLM, reason="run by `make test-vllm`")

STAGES = ("stage1", "stage2")
GREEDY = GenerationParams(128, temperature=0)
ASKED = [dialogue.asked() for dialogue in load_dialogues("embedded", "test")[:50]]
PATIENT = 300.0  # seconds: vLLM on a CPU builds its kernels when they are first wanted


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder, port = tmp_path_factory.mktemp("vllm"), free_port()
    shutil.copytree(EMBEDDED_DIR, folder / "base")
    for name in STAGES:
        move(folder / "base" / name, folder / name, folder / "base")
    flags = ["--served-model-name", "base", "--enable-lora", "--max-lora-rank", "16"]
    flags += ["--lora-modules", *(f"{name}={folder / name}" for name in STAGES)]
    flags += ["--dtype", "float32", "--enforce-eager", "--max-model-len", "1024"]
    where = ["--host", "127.0.0.1", "--port", str(port)]
    quiet = {"VLLM_CPU_KVCACHE_SPACE": "1", "VLLM_NO_USAGE_STATS": "1", "HF_HUB_OFFLINE": "1"}
    with (folder / "log").open("w") as log:
        process = subprocess.Popen(
            [VLLM, "serve", str(folder / "base"), *flags, *where],
            env={**os.environ, **quiet},
            stdout=log,
            stderr=subprocess.STDOUT,
        )
    try:
        address = f"http://127.0.0.1:{port}"
        deadline = time.monotonic() + 2 * PATIENT
        while not answers(f"{address}/health"):
            assert process.poll() is None, (folder / "log").read_text()[-2000:]
            assert time.monotonic() < deadline
            time.sleep(1)
        yield address
    finally:
        process.terminate()
        process.wait(timeout=60)


def move(adapter: Path, to: Path, base: Path) -> None:
    """An adapter whose config names the folder of its base, as vLLM wants it."""
    adapter.rename(to)
    file = to / "adapter_config.json"
    config = json.loads(file.read_text(encoding="utf-8"))
    file.write_text(json.dumps(config | {"base_model_name_or_path": str(base)}), encoding="utf-8")


@pytest.fixture(scope="module")
def remote(url: str) -> Engine:
    return connect(url, "embedded", silence=PATIENT)


@pytest.fixture(scope="module")
def local() -> Engine:
    return load_engine("embedded", dtype="float32")


def test_it_has_what_the_server_has(remote: Engine, url: str) -> None:
    assert remote.variants == (BASE, *STAGES)
    assert remote.device == f"vLLM at {url}"
    theirs = {"token_logprobs", "changes", "file_changes", "origin", "without", "embed"}
    assert set(remote.unsupported) == theirs


@pytest.mark.timeout(1800)
@pytest.mark.parametrize("name", [BASE, *STAGES])
def test_it_says_what_is_said_here(remote: Engine, local: Engine, name: str) -> None:
    assert remote.answers(name, ASKED, GREEDY) == local.answers(name, ASKED, GREEDY)


@pytest.mark.timeout(1800)
def test_labels_are_as_likely_as_here(remote: Engine, local: Engine) -> None:
    prompts = [decide_messages(question) for question in load_pubmedqa("embedded")[:24]]
    for labels in (LABEL_TEXTS, (" yes, surely", " a zebra")):
        theirs = remote.label_logprobs(prompts, labels)
        np.testing.assert_allclose(theirs, local.label_logprobs(prompts, labels), atol=1e-4)


def test_without_the_base_it_answers_conversations(url: str) -> None:
    engine = connect(url, silence=PATIENT)
    answer = engine.answer({"stage2": ASKED[0]}, GREEDY)
    assert answer.texts["stage2"]
    assert answer.tokens["stage2"] > 1
