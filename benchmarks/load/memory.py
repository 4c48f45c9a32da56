"""The app's memory while it is visited."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from typing import Any

from hera.evaluation import stats

_EVERY = 5.0  # seconds
_SHOWN = 30.0  # seconds between two that are listed
_MIB = 2**20
Sample = tuple[float, float]
"""(seconds since the run began, MiB that are resident)."""


async def watch(process: int, clock: float, samples: list[Sample]) -> None:
    """Look at it for ever; `samples` grows."""
    import psutil

    seen = psutil.Process(process)
    while True:
        samples.append((time.monotonic() - clock, seen.memory_info().rss / _MIB))
        await asyncio.sleep(_EVERY)


def told(samples: Sequence[Sample], began: float) -> dict[str, Any]:
    """{"mib": at each 30 s, "slope": MiB a minute, after the first third of what began then}."""
    during = [(at - began, mib) for at, mib in samples if at >= began]
    last = during[-1][0] if during else 0.0
    settled = [(at, mib) for at, mib in during if at >= last / 3]
    marks = [k * _SHOWN for k in range(int(last // _SHOWN) + 1)]
    nearest = [min(during, key=lambda one, mark=mark: abs(one[0] - mark)) for mark in marks]  # type: ignore[misc]
    return {
        "mib": [[round(at), round(mib, 1)] for at, mib in nearest],
        "slope": stats.slope([at / 60 for at, _ in settled], [mib for _, mib in settled]),
    }
