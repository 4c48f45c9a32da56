"""Fast to train: three ways on the same rows, each in a process of its own; and a chain of stages
that is killed and goes on."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from benchmarks.gpu.bench import Bench
from benchmarks.gpu.limits import matrix_rate
from benchmarks.gpu.plan import SEED
from benchmarks.gpu.result import Line
from benchmarks.gpu.shapes import SHAPES, multiplied_parameters
from benchmarks.harness.child import run_child
from benchmarks.speed.recipes import Timing
from benchmarks.speed.train import time_arm, write_rows
from hera.evaluation import records, training_record
from hera.evaluation.training_record import Training
from hera.weights.files import WEIGHTS

FASTER, LESS_MEMORY = 6.0, 0.5  # the aims, against the original recipe


def bits16(bench: Bench) -> list[Line]:
    """Training on a base in 16 bits (32 on a CPU)."""
    return training(bench, 16)


def bits4(bench: Bench) -> list[Line]:
    """Training on a base in 4 bits."""
    return training(bench, 4)


def training(bench: Bench, bits: int) -> list[Line]:
    """Rows a second, memory and utilisation of every way."""
    bench.forget()
    rate = matrix_rate(bench)
    data = write_rows(bench.scratch / "rows.jsonl", bench.sizes.training_rows, SEED)
    timings: dict[str, Timing] = {}
    for arm in bench.sizes.arms:
        out = bench.scratch / f"{arm}-{bits}"
        timings[arm] = time_arm(arm, bench.model, data, bench.sizes.training_rows, bits, out)
    original = timings["original"]
    lines = [line for arm, its in timings.items() for line in lines_of_arm(bench, arm, its, rate)]
    faster = timings["hera"].samples_per_second / original.samples_per_second
    memory = timings["hera"].peak_memory_bytes / original.peak_memory_bytes
    on_gpu = bench.device == "cuda"  # the aims are a GPU's
    return [
        *lines,
        Line(
            what="hera against original, rows a second",
            value=faster,
            unit="times",
            beside=f"at least {FASTER:g}",
            ok=faster >= FASTER if on_gpu else None,
        ),
        Line(
            what="hera against original, memory",
            value=memory,
            unit="times",
            beside=f"at most {LESS_MEMORY:g}",
            ok=memory <= LESS_MEMORY if on_gpu else None,
        ),
    ]


def lines_of_arm(bench: Bench, arm: str, timing: Timing, rate: float) -> list[Line]:
    """One way's numbers. A frozen base has no weight gradients: four operations a parameter and
    token instead of six (PaLM, Chowdhery et al. 2022, arXiv:2204.02311, appendix B)."""
    speed = timing.tokens_per_second
    share = 4 * multiplied_parameters(SHAPES[bench.shape]) * speed / rate
    return [
        Line(
            what=f"{arm}, {timing.rows.train} rows",
            value=timing.samples_per_second,
            unit="rows/s",
            beside=f"{speed:,.0f} tokens/s, {share:.1%} of {rate / 1e12:.3g} TFLOP/s measured here",
        ),
        Line(what=f"{arm}, memory", value=timing.peak_memory_bytes / 2**30, unit="GiB"),
    ]


def chain(bench: Bench) -> list[Line]:
    """Stage 1 whole, stage 1 killed and resumed, and stage 2 upon it."""
    bench.forget()
    model = "embedded" if bench.device == "cuda" else str(bench.model)
    flags = ("--model", model, "--samples", str(bench.sizes.chain_rows), "--seed", str(SEED))
    whole, killed, second = (bench.scratch / f"chain-{n}" for n in ("whole", "killed", "second"))
    with ThreadPoolExecutor() as both:
        undisturbed = both.submit(
            stage, "train.stage1", "--no-probes", *flags, "--output", str(whole)
        )
        kill_after_checkpoint(bench, "train.stage1", "--no-probes", *flags, "--output", str(killed))
    undisturbed.result()
    stage("train.stage1", "--no-probes", *flags, "--output", str(killed), "--resume")
    stage(
        *("train.stage2", *flags, "--adapter", str(killed), "--questions", "none"),
        *("--output", str(second)),
    )
    same = (whole / WEIGHTS).read_bytes() == (killed / WEIGHTS).read_bytes()
    lines = [Line(what="killed and resumed, the same weights", value=float(same), unit="", ok=same)]
    for name, folder in (("stage 1", whole), ("stage 2", second)):
        held_out = records.read(folder / training_record.FILE, Training).held_out
        before, after = held_out.before.loss, held_out.after.loss
        lines.append(
            Line(
                what=f"{name}, held-out loss after {bench.sizes.chain_rows} rows",
                value=after,
                unit="nats/token",
                beside=f"{before:.4g} before",
                ok=after < before,
            )
        )
    return lines


def stage(module: str, *flags: str) -> None:
    """One training command; raises TrainingError if it failed."""
    run_child(["-m", module, *flags], module)


def kill_after_checkpoint(bench: Bench, module: str, *flags: str) -> None:
    """Start a training command, and kill it once its first checkpoint is there."""
    output = Path(flags[-1])
    with subprocess.Popen(
        [sys.executable, "-m", module, *flags],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    ) as process:
        while process.poll() is None and bench.left > 0:
            if list(output.glob("checkpoints/checkpoint-*/trainer_state.json")):
                break
            time.sleep(0.01)
        process.send_signal(signal.SIGKILL)
