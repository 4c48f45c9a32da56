"""`python -m benchmarks.gpu`, every part of it on a CPU, and what becomes of parts that fail."""

from __future__ import annotations

import sys
import time
from collections.abc import Sequence
from pathlib import Path

import pytest
import torch

from benchmarks.gpu import __main__ as gpu
from benchmarks.gpu import right
from benchmarks.gpu.bench import Bench
from benchmarks.gpu.parts import MEASURES, run_part
from benchmarks.gpu.plan import NAMES, Planned
from benchmarks.gpu.result import GpuResult, Line
from benchmarks.gpu.shapes import SHAPES, multiplied_parameters
from hera.evaluation import records
from tests.serving import command


@pytest.mark.timeout(960)  # eleven trainings and two dozen other measurements, in their processes
def test_every_part_runs_small_on_a_cpu(tmp_path: Path) -> None:
    out = tmp_path / "out"
    done = command(
        *("-m", "benchmarks.gpu", "--device", "cpu", "--shape", "tiny", "--output", str(out)),
        home=tmp_path,
    )
    assert done.returncode == 0, done.stderr
    result = records.read(out / "results.json", GpuResult)
    assert [(p.name, p.status, p.reason) for p in result.parts] == [
        (name, "done", None) for name in NAMES
    ]
    lines = [line for part in result.parts for line in part.lines]
    assert [line.what for line in lines if line.ok is False] == []
    assert sum(line.ok is True for line in lines) >= 12
    said = {line.what: line for line in lines}
    assert said["killed and resumed, the same weights"].value == 1
    assert any(what.startswith("flex_attention, packed") for what in said)
    page = (out / "gpu.md").read_text(encoding="utf-8")
    assert "CPU, CUDA none, shape tiny, seed 42" in page
    assert "12 parts done, 0 failed, 0 skipped; 0 measurements do not hold" in done.stdout
    for line in lines:
        assert line.what in page
        assert line.what in done.stdout


@pytest.mark.skipif(torch.cuda.is_available(), reason="says what is said without CUDA")
def test_without_cuda_it_says_so_in_a_line(tmp_path: Path) -> None:
    done = command("-m", "benchmarks.gpu", "--output", str(tmp_path / "out"), home=tmp_path)
    assert done.returncode == 2
    assert done.stderr.count("\n") == 1
    assert "sees no CUDA device here, so nothing was checked" in done.stderr
    assert not (tmp_path / "out").exists()


def test_every_part_that_is_planned_is_measured() -> None:
    assert tuple(MEASURES) == NAMES


def dying(words: Sequence[str]) -> list[str]:
    """A worker that says of every part that it is done, but dies in the second and hangs in the
    last until the time is over."""
    code = (
        "import json, os, sys, time\n"
        "for name in sys.argv[1:]:\n"
        "    print(json.dumps({'begins': name}), flush=True)\n"
        f"    if name == {NAMES[1]!r}: os._exit(9)\n"
        f"    if name == {NAMES[-1]!r}: time.sleep(600)\n"
        "    print(json.dumps({'name': name, 'status': 'done', 'seconds': 1.0}), flush=True)\n"
    )
    return [sys.executable, "-c", code, *words]


def test_what_takes_its_process_along_is_reported_and_the_rest_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    started: list[list[str]] = []

    def fake(names: Sequence[str], *_: object) -> list[str]:
        started.append(list(names))
        return dying(names)

    monkeypatch.setattr(gpu, "command", fake)
    monkeypatch.setattr(gpu, "_GRACE", 2.0)
    found = list(gpu.supervised("cpu", "tiny", tmp_path, minutes=0.0))
    assert [part.name for part in found] == list(NAMES)
    assert [p.name for p in found if p.status == "failed"] == [NAMES[1]]
    last = found[-1]
    assert (last.status, last.name) == ("skipped", NAMES[-1])
    assert str(last.reason).startswith("not whole after ")
    assert started == [list(NAMES), list(NAMES[2:])]


def test_what_comes_after_the_time_is_skipped(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A part that hangs until the time is over is not whole; the others are not begun."""
    hangs = [sys.executable, "-c", "import time; time.sleep(600)"]
    monkeypatch.setattr(gpu, "command", lambda *_: hangs)
    monkeypatch.setattr(gpu, "_GRACE", 0.0)
    first, *others = gpu.supervised("cpu", "tiny", tmp_path, minutes=0.01)
    assert str(first.reason).startswith("not whole after ")
    assert {(p.status, p.reason) for p in others} == {("skipped", "no time was left")}


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return Bench("cpu", "tiny", tmp_path, until=time.time() + 60)


def test_a_part_that_fails_says_why_in_a_line(
    bench: Bench, capsys: pytest.CaptureFixture[str]
) -> None:
    def broken(_: Bench) -> list[Line]:
        raise RuntimeError("CUDA error:\n an illegal memory access")

    part = run_part(bench, Planned("mine", 1), broken)
    assert (part.status, part.lines) == ("failed", ())
    assert part.reason == "RuntimeError: CUDA error: an illegal memory access"
    assert "Traceback" in capsys.readouterr().err


def test_what_is_not_installed_or_does_not_fit_is_skipped(tmp_path: Path) -> None:
    bench = Bench("cuda", "tiny", tmp_path, until=time.time() + 5)
    lacking = run_part(bench, Planned("mine", 1, ("no_such_package",)), right.float32)
    assert (lacking.status, lacking.reason) == ("skipped", "not installed: no_such_package")
    late = run_part(bench, Planned("mine", 60), right.float32)
    assert late.status == "skipped"
    assert late.reason is not None
    assert late.reason.startswith("it takes about 60 s")


def test_a_wrong_number_does_not_hold(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    """Planted: the device computes something else than the CPU."""
    wanted = right.reference(bench)
    monkeypatch.setitem(bench.kept, "reference", wanted + 0.01 * (wanted < wanted.mean()))
    furthest, _ = right.float32(bench)
    assert furthest.ok is False
    assert furthest.value == pytest.approx(0.01, abs=1e-4)


def test_the_full_shape_is_gemma_2_2b_s() -> None:
    whole = multiplied_parameters(SHAPES["gemma-2-2b"])
    assert whole == 2_614_341_888 - 256_000 * 2304  # the model's published size, less embeddings


def test_the_worker_says_what_it_does_a_json_object_a_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    arguments = gpu.command([NAMES[2]], "cpu", "tiny", tmp_path, time.time() + 60)
    begins, part = gpu.lines_of(arguments, time.time() + 120)
    assert begins == {"begins": NAMES[2]}
    assert (part["name"], part["status"]) == (NAMES[2], "done")
