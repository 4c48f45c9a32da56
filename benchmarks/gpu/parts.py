"""How each part of the check is measured."""

from __future__ import annotations

import time
import traceback
from collections.abc import Callable
from importlib.util import find_spec

from benchmarks.gpu import answering, attention, explaining, right, scoring, training
from benchmarks.gpu.bench import Bench
from benchmarks.gpu.plan import Planned
from benchmarks.gpu.result import Line, Part
from hera.errors import one_line

Measure = Callable[[Bench], list[Line]]
MEASURES: dict[str, Measure] = {
    "right: float32": right.float32,
    "right: greedy": right.greedy,
    "right: bfloat16": right.bfloat16,
    "right: nf4": right.nf4,
    "right: attention": attention.attention,
    "fast to answer: bfloat16": answering.bfloat16,
    "fast to score": scoring.scoring,
    "fast to explain": explaining.explaining,
    "fast to train: 16 bits": training.bits16,
    "chain of stages": training.chain,
    "fast to answer: nf4": answering.nf4,
    "fast to train: 4 bits": training.bits4,
}


def run_part(bench: Bench, planned: Planned, measure: Measure) -> Part:
    """The part's lines, or why there are none; nothing that it raises goes further."""
    if lacking := [package for package in planned.needs if find_spec(package) is None]:
        return skipped(planned, f"not installed: {', '.join(lacking)}")
    if bench.device == "cuda" and bench.left < planned.seconds:
        return skipped(
            planned, f"it takes about {planned.seconds:.0f} s, {bench.left:.0f} are left"
        )
    began = time.monotonic()
    try:
        lines = tuple(measure(bench))
    except Exception as error:  # whatever it is, the other parts have their own worth
        traceback.print_exc()
        seconds = time.monotonic() - began
        reason = f"{type(error).__name__}: {one_line(error)}"
        return Part(name=planned.name, status="failed", seconds=seconds, reason=reason)
    return Part(name=planned.name, status="done", seconds=time.monotonic() - began, lines=lines)


def skipped(planned: Planned, reason: str) -> Part:
    """A part that was not run."""
    return Part(name=planned.name, status="skipped", seconds=0.0, reason=reason)
