"""What differs from one kind of Space to another.

The names are the Hub's. What is not in the table is the same everywhere: numbers are kept in
bfloat16 where the hardware computes in it and in float32 elsewhere (a T4), as the engine decides.
Nothing here was tried on the Hub's own hardware: sizes follow from the weights' bytes, queues and
seconds are estimates.
"""

from __future__ import annotations

from dataclasses import dataclass

from hera.cli.config import GpuSeconds
from hera.errors import ConfigError
from hera.refs import SMOLLM2

GEMMA = "google/gemma-2-2b-it"


@dataclass(frozen=True)
class Hardware:
    """One kind of machine, and how HERA is set up on it."""

    name: str
    """What the Hub calls it."""
    words: str
    base: str
    """What --adapter is put on unless --model says otherwise; without either, the app's default
    is served with its own adapters, which needs no GPU, no token and no licence."""
    bits: int
    """Of the base: 4 where 16 leave no room for several visitors' texts."""
    queue: int
    """How many visitors may wait: about three minutes of answers."""
    startup: str
    """How long the app may take from the start to its page, downloads included."""
    gpu_seconds: GpuSeconds | None = None
    """What a request asks of ZeroGPU; None where the GPU is the Space's own."""


# fmt: off
TABLE = {kind.name: kind for kind in (
    #        name          in words                      base      bits queue startup
    Hardware("cpu-basic",  "free CPU, 2 cores, 16 GB",   SMOLLM2,  16,  10,   "30m"),
    Hardware("zero-a10g",  "ZeroGPU, lent by the call",  GEMMA,    16,  20,   "1h", GpuSeconds()),
    Hardware("t4-small",   "T4, 16 GB",                  GEMMA,     4,  15,   "1h"),
    Hardware("l4x1",       "L4, 24 GB",                  GEMMA,    16,  20,   "1h"),
    Hardware("a10g-small", "A10G, 24 GB",                GEMMA,    16,  30,   "1h"),
)}
# fmt: on


def hardware(name: str) -> Hardware:
    """The kind of that name.

    Raises:
        ConfigError: there is none in the table.
    """
    if name not in TABLE:
        known = "; ".join(f"{kind.name} ({kind.words})" for kind in TABLE.values())
        raise ConfigError(f"--hardware {name}: choose one of {known}.")
    return TABLE[name]
