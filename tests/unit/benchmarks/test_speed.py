"""`python -m benchmarks.speed`: what is timed, and what is made of the times."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from benchmarks.speed import compare, lm_eval, train
from benchmarks.speed.__main__ import main
from benchmarks.speed.recipes import Timing, arguments, row
from hera.cli import run
from hera.data import load_pubmedqa
from hera.prompts import LABEL_TEXTS
from tests.doubles.engine import FakeEngine


def test_all_variants_are_timed_over_as_many_steps_as_one() -> None:
    engine = FakeEngine({"base": "one two three four five six", "stage1": "one two three"})
    seconds = compare.times_of_steps(engine, engine.variants, 64)
    assert seconds == pytest.approx([0.01, 0.02, 0.03, 0.04])  # until the first row ends
    told = compare.compare_line(engine, 64, repeats=3)
    assert "2 variants 10.00 ms a step, stage1 alone 10.00 ms a step, 4 steps" in told
    assert "ratio 1.000 (1.000 to 1.000)" in told
    assert "stage1 alone 100 tokens/s, the first after 0.010 s; 2 variants 200 tokens/s" in told
    assert engine.closed == 9  # one to warm up and one before it, then two of each repeat, and one


def test_the_embedded_model_is_timed(capsys: pytest.CaptureFixture[str]) -> None:
    main(["--tokens", "4", "--repeats", "1"])
    printed = capsys.readouterr().out
    assert re.search(r"compare: 3 variants \d+\.\d+ ms a step, stage2 alone .* 4 steps", printed)
    assert "greedy, repeats 1" in printed


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["--repeats", "0"], "--repeats must be at least 1"),
        (["compare", "--tokens", "1"], "--tokens at least 2"),
        (["train", "--samples", "5"], "--samples at least 20"),
        (["lm-eval", "--repeats", "0"], "--repeats must be at least 1"),
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
    theirs = lm_eval.theirs_on(Harness(), questions)
    assert theirs.shape == (5, len(LABEL_TEXTS))
    told = lm_eval.agreement_line(engine, Harness(), "base", questions)
    assert told == ("base: 5 of 5 predictions equal, largest difference of a log-likelihood 0.25")
    lines = lm_eval.speed_lines(engine, Harness(), questions, repeats=2).splitlines()
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
