"""What the hardware can do, and what is chosen for it: device, dtype, attention, threads.

Gemma 2 caps its attention scores (tanh at 50); an implementation that drops the cap computes
another model. transformers 5.23 therefore refuses SDPA for it. What keeps the cap: eager,
FlashAttention 2 from its release 2.6 on, and FlexAttention, which PyTorch compiles.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import TYPE_CHECKING

from hera.errors import ConfigError

if TYPE_CHECKING:  # whoever only asks for memory or attention must not wait for torch
    import torch

SMALL = 200_000_000  # parameters: below, nobody lacks the memory for float32


def choose_attention(device: str, *, training: bool) -> str:
    """The name that `from_pretrained(attn_implementation=...)` takes.

    Args:
        device: "cpu" or "cuda".
        training: whether long packed rows are at work, which only pay where masked blocks are
            skipped; serving decodes token by token, where eager needs no compiler and is as fast.
    """
    if device != "cuda" or not training:
        return "eager"
    from transformers.utils.import_utils import is_flash_attn_2_available

    return "flash_attention_2" if is_flash_attn_2_available() else "flex_attention"


def skips_masked_blocks(attention: str) -> bool:
    """Whether packing costs nothing: rows that may not see each other are then never computed."""
    return attention != "eager"


def choose_device(device: str) -> str:
    """ "cuda" where there is one and nobody said otherwise, else "cpu".

    Raises:
        ConfigError: no such device.
    """
    import torch

    if device == "auto":
        return "cuda" if torch.cuda.is_available() else "cpu"
    if device not in ("cpu", "cuda"):
        raise ConfigError(f"--device {device}: choose auto, cpu or cuda.")
    if device == "cuda" and not torch.cuda.is_available():
        raise ConfigError("--device cuda: torch sees no CUDA device here. Use cpu.")
    return device


def choose_dtype(dtype: str, device: str) -> torch.dtype:
    """What the weights are kept in, unless named: bfloat16 where the hardware computes in it.

    On a CPU that is where `hera.weights.measured` begins; see `scoring_dtype` for long prompts.

    Raises:
        ConfigError: no such dtype.
    """
    import torch

    named = {"float32": torch.float32, "bfloat16": torch.bfloat16}
    if dtype in named:
        return named[dtype]
    if dtype != "auto":
        raise ConfigError(f"--dtype {dtype}: choose auto, float32 or bfloat16.")
    return torch.bfloat16 if has_bfloat16(device) else torch.float32


def scoring_dtype(dtype: str, device: str, weights: torch.dtype) -> torch.dtype:
    """What long prompts are computed in: the weights' own dtype, or, where nobody named one and the
    hardware has it, bfloat16."""
    import torch

    return torch.bfloat16 if dtype == "auto" and has_bfloat16(device) else weights


def has_bfloat16(device: str) -> bool:
    """Whether the hardware computes in bfloat16 rather than emulating it."""
    import torch

    if device == "cuda":
        return bool(torch.cuda.is_bf16_supported(including_emulation=False))
    return bool(torch.ops.mkldnn._is_mkldnn_bf16_supported())


def peak_bytes(device: str) -> int:
    """The most memory used so far, in bytes: what torch allocated on CUDA, this process's resident
    set (libraries included) on a CPU."""
    if device.startswith("cuda"):
        import torch

        return int(torch.cuda.max_memory_allocated())
    import resource
    import sys

    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024


class _Threads:
    """The owner of torch's thread count, which is the whole process's and not a model's.

    A small model on a CPU decodes with one thread (see `hera.weights.measured`): its products are
    too short to share, and where the reader of the stream needs a core as well, waiting for each
    other costs most of the time (6M parameters, 2 cores: three rows 27 ms a step with two threads,
    11 ms with one).

    torch keeps the count twice: for each thread (OpenMP), and for all, those to come included
    (MKL). So whoever decodes sets it, and only the last one puts it back.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._users = 0
        self._all = 1
        self._found = threading.local()

    @contextmanager
    def one(self) -> Iterator[None]:
        """Within, this thread has one, and while anybody is within, new ones have; afterwards as
        many as before."""
        import torch

        with self._lock:
            if not self._users:
                self._all = self._of_this_run()
            self._users += 1
            torch.set_num_threads(1)
        try:
            yield
        finally:
            with self._lock:
                self._users -= 1
                if not self._users:
                    torch.set_num_threads(self._all)

    def _of_this_run(self) -> int:
        """The process's count, asked once in each thread, which decodes as long as there is
        something to do: a new thread for each step waited 16 ms where Python was busy."""
        if not hasattr(self._found, "count"):
            self._found.count = _of_a_new_thread()
        return int(self._found.count)


def _of_a_new_thread() -> int:
    """The process's thread count: a thread that began while another decoded has one of its own."""
    import torch

    with ThreadPoolExecutor(1) as apart:
        return apart.submit(torch.get_num_threads).result()


THREADS = _Threads()
