"""What memory is taken, and how much room there is for keys and values, in tokens."""

from __future__ import annotations

import ctypes
import sys
from typing import Any

import torch

from hera.types import Memory

_SHARE = 0.5  # of what is free when the first come; the rest is for what reads prompts


def cache_tokens(model: Any) -> int:
    """How many tokens of all rows together, padding included, may be kept."""
    return max(1, int(_SHARE * _free_bytes(model.device) / _token_bytes(model)))


def taken(device: torch.device) -> Memory:
    """By torch on the GPU that it is on, else by this process."""
    if device.type == "cuda" and torch.cuda.is_initialized():
        used, peak = torch.cuda.memory_allocated(device), torch.cuda.max_memory_allocated(device)
        return Memory(int(used), int(peak), "GPU")
    import resource

    import psutil

    used = int(psutil.Process().memory_info().rss)
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    peak = most if sys.platform == "darwin" else most * 1024  # there in bytes, on Linux in KiB
    return Memory(used, max(used, peak), "process")


def give_back() -> None:
    """Return what is free within the C library's heaps to the system.

    glibc keeps it (2.36: answers beside scoring took 440 MiB in a minute, of which 5 were in use;
    torch asks for aligned blocks alone, see
    https://sourceware.org/bugzilla/show_bug.cgi?id=14581). Others have no such call.
    """
    if sys.platform == "linux":
        trim = getattr(ctypes.CDLL(None), "malloc_trim", None)  # musl has none
        if trim is not None:
            trim(0)


def _token_bytes(model: Any) -> int:
    """A key and a value in every layer."""
    config = model.config.get_text_config()
    heads = config.num_attention_heads
    width = getattr(config, "head_dim", None) or config.hidden_size // heads
    kept = getattr(config, "num_key_value_heads", None) or heads
    return int(2 * config.num_hidden_layers * kept * width * model.dtype.itemsize)


def _free_bytes(device: torch.device) -> int:
    if device.type == "cuda":
        return int(torch.cuda.mem_get_info(device)[0])
    import psutil

    return int(psutil.virtual_memory().available)
