"""`python -m benchmarks.speed`: what is timed, and what is made of the times."""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from benchmarks.speed import compare, llama_cpp, lm_eval, train
from benchmarks.speed.__main__ import main
from benchmarks.speed.recipes import Timing, arguments, row
from hera.cli import run
from hera.data import load_pubmedqa
from hera.prompts import LABEL_TEXTS
from tests.doubles.engine import FakeEngine
from tests.serving import ROOT


def test_all_variants_are_timed_over_as_many_steps_as_one() -> None:
    engine = FakeEngine({"base": "one two three four five six", "stage1": "one two three"})
    seconds = compare.times_of_steps(engine, engine.variants, 64)
    assert seconds == pytest.approx([0.01, 0.02, 0.03, 0.04])  # until the first row ends
    alone, together = compare.timed(engine, 64, repeats=3)
    told = compare.compare_line(alone, together)
    assert "2 variants 10.00 ms a step, stage1 alone 10.00 ms a step, 4 steps" in told
    assert "ratio 1.000 (1.000 to 1.000)" in told
    assert "stage1 alone 100 tokens/s, the first after 0.010 s; 2 variants 200 tokens/s" in told
    assert engine.closed == 9  # one to warm up and one before it, then two of each repeat, and one


def test_decoding_is_held_against_the_memory() -> None:
    class Sized(FakeEngine):
        step_bytes = 20_000_000

    engine = Sized({"base": "one two three four", "stage1": "one two three"})
    told = compare.bandwidth_line(engine, *compare.timed(engine, 64, repeats=1), rate=4e9)
    assert "stage1 alone 100.0 tokens/s, 2 variants 200.0 tokens/s" in told
    assert "reads 0.020 GB of weights: 2.0 and 2.0 GB/s, 50% and 50% of a large copy's 4.0" in told


def test_the_embedded_model_is_timed(capsys: pytest.CaptureFixture[str]) -> None:
    main(["--tokens", "4", "--repeats", "1", "--limit", "2"])
    printed = capsys.readouterr().out
    assert re.search(r"compare: 3 variants \d+\.\d+ ms a step, stage2 alone .* 4 steps", printed)
    assert re.search(r"a step reads 0\.0\d\d GB of weights: .* of a large copy's", printed)
    assert re.search(r"stage2 alone \S+ s a question, 3 variants \S+ s a question \(2 q", printed)
    assert re.search(r"memory: \S+ GiB at the most; decodes in float32 with one thread", printed)
    assert "llama.cpp: not asked, the base was not read from a GGUF file" in printed
    assert "greedy, repeats 1" in printed


def test_without_llama_cpp_a_line_says_how_to_get_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(llama_cpp, "find_spec", lambda name: None)
    told = llama_cpp.line(tmp_path / "model.gguf", [1], 4, 1, 1)
    assert told == "llama.cpp: not installed (pip install xllamacpp)"


def test_llama_cpp_is_timed_in_a_process_of_its_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The package is played by a module that serves what llama.cpp's server says of its time."""
    (tmp_path / "xllamacpp.py").write_text(PLAYED, encoding="utf-8")
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(tmp_path), str(ROOT)]))
    monkeypatch.syspath_prepend(tmp_path)
    file = tmp_path / "model.gguf"
    file.write_bytes(bytes(10_000_000))
    told = llama_cpp.line(file, [1, 2, 3], 4, 2, 1)
    assert told == (
        "llama.cpp on model.gguf (0.01 GB), base alone, threads 1: 50.0 tokens/s after the first "
        "(50.0 to 50.0), the first after 0.120 s"
    )
    assert "llama.cpp decoded 4 tokens, asked for 5" in llama_cpp.line(file, [1, 2, 3], 5, 2, 1)


PLAYED = """
import json, threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from types import SimpleNamespace

class CommonParams(SimpleNamespace):
    def __init__(self):
        super().__init__(model=SimpleNamespace(), cpuparams=SimpleNamespace(),
                         cpuparams_batch=SimpleNamespace())

class Handler(BaseHTTPRequestHandler):
    def do_POST(self):
        asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        assert asked["prompt"] == [1, 2, 3] and asked["temperature"] == 0
        timings = {"predicted_n": 4, "predicted_per_second": 50.0,
                   "predicted_per_token_ms": 20.0, "prompt_ms": 100.0}
        body = json.dumps({"timings": timings}).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

class Server:
    def __init__(self, settings):
        assert settings.model.path.endswith("model.gguf") and settings.cpuparams.n_threads == 1
        server = HTTPServer(("127.0.0.1", 0), Handler)
        self.listening_address = f"http://127.0.0.1:{server.server_port}"
        threading.Thread(target=server.serve_forever, daemon=True).start()
"""


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["--repeats", "0"], "--repeats must be at least 1"),
        (["compare", "--tokens", "1"], "--tokens at least 2"),
        (["train", "--samples", "5"], "--samples at least 20"),
        (["lm-eval", "--repeats", "0"], "--repeats must be at least 1"),
        (["questions", "--counts", "5"], "two different numbers"),
        (["lm-eval", "--limit", "2"], "pip install lm_eval"),
        (["train", "--random", "./nowhere"], "--random ./nowhere: no such folder"),
    ],
)
def test_bad_use_is_one_line(
    capsys: pytest.CaptureFixture[str], words: list[str], says: str
) -> None:
    assert run(lambda: main(words)) in (1, 2)
    error = capsys.readouterr().err
    assert error.count("\n") == 1
    assert says in error


def likelihood(variant: str, prompt: str, label: str) -> float:
    return -float(len(label)) - (variant == "base") * len(prompt) / 10_000


class Harness:
    """lm-evaluation-harness's side: the same numbers as the base's, but for one."""

    def loglikelihood(
        self, requests: Sequence[SimpleNamespace], disable_tqdm: bool
    ) -> list[tuple[float, bool]]:
        assert disable_tqdm
        scores = [(likelihood("base", *request.args), False) for request in requests]
        return [(scores[0][0] - 0.25, False), *scores[1:]]


@pytest.fixture
def lm_eval_package(monkeypatch: pytest.MonkeyPatch) -> None:
    """The one class of lm_eval's that a request is made of."""
    import sys

    def instance(
        kind: str, doc: dict[str, Any], arguments: tuple[str, str], index: int
    ) -> SimpleNamespace:
        assert kind == "loglikelihood"
        return SimpleNamespace(args=arguments, idx=index)

    module = SimpleNamespace(Instance=instance)
    for name in ("lm_eval", "lm_eval.api", "lm_eval.api.instance"):
        monkeypatch.setitem(sys.modules, name, module)


def test_both_sides_get_the_same_questions_and_are_compared_one_by_one(
    lm_eval_package: None,
) -> None:
    engine = FakeEngine({"base": "", "stage1": ""}, likelihood)
    questions = load_pubmedqa()[:5]
    theirs = lm_eval.theirs_on(Harness(), questions, "lm-eval")
    assert theirs.shape == (5, len(LABEL_TEXTS))
    told = lm_eval.agreement_line(engine, Harness(), "base", questions, "lm-eval")
    assert told == ("base: 5 of 5 predictions equal, largest difference of a log-likelihood 0.25")
    lines = lm_eval.speed_lines(engine, Harness(), questions, "lm-eval", repeats=2).splitlines()
    assert [line.split(":")[0] for line in lines] == [
        *("lm-eval, one variant", "HERA, one variant", "HERA, 2 variants"),
    ]


def timing(seconds: float, **more: object) -> Timing:
    content = {
        "rows": {"train": 100},
        "tokens": 2000,
        "training_seconds": seconds,
        "peak_memory_bytes": 2**30,
        "parameters": 10,
        "device": "cpu",
    }
    return Timing.of({**content, **more})


def test_ways_to_train_are_compared_run_by_run() -> None:
    timings = {
        "original": [timing(10.0), timing(20.0)],
        "defaults": [timing(20.0), timing(20.0)],
        "hera": [timing(5.0), timing(5.0)],
    }
    head, *lines = train.recipes_table(timings).splitlines()
    assert head.split()[:2] == ["samples/s", "tokens/s"]
    cells = [line.split() for line in lines]
    assert cells[0][:4] == ["original", "7.50", "150", "1.00"]
    assert cells[0][5:] == ["1.00", "(1.00", "to", "1.00)"]
    assert cells[1][5:] == ["0.75", "(0.50", "to", "1.00)"]
    assert cells[2][5:] == ["3.00", "(2.00", "to", "4.00)"]
    assert train.utilisation(timing(1.0)) is None


def test_the_other_recipes_see_the_same_conversation(tmp_path: Path) -> None:
    question = load_pubmedqa()[0]
    whole, split = row(question, "original"), row(question, "defaults")
    assert whole["messages"] == [*split["prompt"], *split["completion"]]
    assert arguments("original", tmp_path, cuda=False).gradient_accumulation_steps == 2
    assert arguments("defaults", tmp_path, cuda=False).per_device_train_batch_size == 8
