"""Where the model runs on a ZeroGPU Space; anywhere else nothing here does anything.

ZeroGPU lends a GPU for a call, not to a process. The model is loaded in the main process by the
main thread (`Serving.load`), while `spaces` makes torch believe that there is a GPU; what
`on_gpu` returns then runs in a forked process that has one. Its arguments and what it yields are
pickled on the way, so they are plain values; an error that a visitor shall read is a `gr.Error`
before it leaves that process.

Not tried: a real ZeroGPU. Tested with the real `spaces` package on a CPU: loading under its
emulation, the fork, the pickling, stopping. The seconds asked for are estimates, not measured.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from typing import Any, ParamSpec, TypeVar

from hera.ui.errors import clear_errors

P = ParamSpec("P")
T = TypeVar("T")

ZERO_GPU = os.environ.get("SPACES_ZERO_GPU", "").lower() in ("1", "t", "true")
if ZERO_GPU:
    import spaces  # now: it must come before torch looks for CUDA


def on_gpu(run: Callable[P, Iterator[T]], seconds: Callable[P, float]) -> Callable[P, Iterator[T]]:
    """The generator function `run`, on ZeroGPU in a process with a GPU.

    Args:
        run: synchronous; takes and yields only what can be pickled, and holds no CUDA tensor.
        seconds: how long it may take, from the same arguments.
    """
    if not ZERO_GPU:
        return run

    def duration(*args: Any, **kwargs: Any) -> int:
        return round(seconds(*args, **kwargs))

    on_zero: Callable[P, Iterator[T]] = spaces.GPU(clear_errors(run), duration=duration)
    return on_zero
