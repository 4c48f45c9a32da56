"""What the log says of a failure: what kind and where, nothing of what anybody wrote."""

from __future__ import annotations

import sys
import traceback
from pathlib import Path

_FRAMES = 6


def log_failure(where: str, error: BaseException) -> None:
    """One line on stderr. Messages of exceptions may quote what a visitor sent: they stay out, and
    so do the values of variables."""
    frames = traceback.extract_tb(error.__traceback__)[-_FRAMES:]
    way = " < ".join(f"{Path(f.filename).name}:{f.lineno} {f.name}" for f in reversed(frames))
    print(f"error: {where}: {type(error).__name__} at {way}", file=sys.stderr, flush=True)
