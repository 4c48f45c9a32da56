"""The output folder of a run: never overwritten, whole or resumable at every moment.

`run.json` says whose run it is, `checkpoints/` holds what a resume needs, and the adapter with
`training.json`, written last, is the finished run. A checkpoint counts from the moment its
`trainer_state.json`, the last file that transformers writes into it, can be read; two are kept, so
that a kill in the middle of one never loses the one before.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from hera.output import read

IDENTITY, RECORD, CHECKPOINTS = "run.json", "training.json", "checkpoints"


def identity_of(output: Path) -> dict[str, Any] | None:
    """Whose run the folder holds; a finished one says it in its record."""
    if (output / IDENTITY).is_file():
        return read(output / IDENTITY)
    if (output / RECORD).is_file():
        return dict(read(output / RECORD)["arguments"])
    return None


def finished(output: Path) -> bool:
    """Whether the run is complete."""
    return (output / RECORD).is_file()


def last_checkpoint(output: Path) -> Path | None:
    """The newest whole checkpoint; one that was being written is left for its step to rewrite."""
    whole: list[tuple[int, Path]] = []
    for folder in (output / CHECKPOINTS).glob("checkpoint-*"):
        try:
            whole.append((read(folder / "trainer_state.json")["global_step"], folder))
        except (OSError, ValueError):  # half-written: a kill came in between
            continue
    return max(whole)[1] if whole else None
