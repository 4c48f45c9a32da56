"""What the device can do at most, measured in the same run as what is held against it."""

from __future__ import annotations

import time
from collections.abc import Callable

import torch

from benchmarks.gpu.bench import Bench


def matrix_rate(bench: Bench) -> float:
    """Floating-point operations a second of a large bfloat16 product."""
    n = 8192 if bench.device == "cuda" else 256
    a, b = (torch.randn(n, n, dtype=torch.bfloat16, device=bench.device) for _ in range(2))
    return 2 * n**3 / fastest(bench, lambda: a @ b, 5)


def fastest(bench: Bench, work: Callable[[], object], repeats: int) -> float:
    """Seconds of the fastest of some runs, after one that warms up."""
    seconds = []
    for _ in range(repeats + 1):
        bench.wait()
        began = time.perf_counter()
        work()
        bench.wait()
        seconds.append(time.perf_counter() - began)
    return min(seconds[1:])
