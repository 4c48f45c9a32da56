"""The most memory that this process has used so far."""

from __future__ import annotations


def peak_bytes(device: str) -> int:
    """Bytes: what torch allocated on CUDA, the resident set (libraries included) on a CPU."""
    if device.startswith("cuda"):
        import torch

        return int(torch.cuda.max_memory_allocated())
    import resource
    import sys

    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024
