"""The run as a picture: every wait for a first token, and the app's memory, over time."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from benchmarks.load.asking import Ended
from benchmarks.load.crowd import KINDS
from benchmarks.load.memory import Sample


def draw(path: Path, ended: Sequence[Ended], samples: Sequence[Sample], title: str) -> None:
    """Write it as a PNG."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(9, 6), dpi=150, layout="constrained")
    figure.suptitle(title, fontsize=10)
    waits, memory = figure.subplots(2, sharex=True)
    for name in KINDS:
        asked = [one for one in ended if one.kind == name and one.first is not None]
        waits.plot([one.began for one in asked], [one.first for one in asked], ".", label=name)
    waits.set_ylabel("seconds to the first token")
    waits.legend()
    memory.plot([at for at, _ in samples], [mib for _, mib in samples])
    memory.set_ylabel("MiB resident")
    memory.set_xlabel("seconds")
    for axis in (waits, memory):
        axis.set_ylim(bottom=0)
        axis.grid(color="#dddddd", lw=0.6)
    figure.savefig(path)
