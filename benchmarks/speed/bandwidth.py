"""How many bytes a second the memory moves, measured in the run that is held against it."""

from __future__ import annotations

import time
from contextlib import nullcontext

import torch

from hera.weights.hardware import THREADS

_BYTES = {"cpu": 2**28, "cuda": 2**30}  # more than most caches
_TRIES = 5


def bandwidth(device: str) -> float:
    """Bytes a second of a large copy, read and written: the fastest of several, by one thread and
    by all of them."""
    size = _BYTES[torch.device(device).type]
    source = torch.rand(size // 4, device=device)  # zeros and ones may move faster
    target = torch.empty_like(source)
    seconds = []
    for _ in range(_TRIES):
        for threads in (THREADS.one(), nullcontext()):
            with threads:
                began = time.perf_counter()
                target.copy_(source)
                if source.is_cuda:
                    torch.cuda.synchronize()
                seconds.append(time.perf_counter() - began)
    return 2 * size / min(seconds)
