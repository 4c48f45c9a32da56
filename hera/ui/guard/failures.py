"""What the log says of a failure: what kind and where, nothing of what anybody wrote."""

from __future__ import annotations

import logging
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


def only_first_lines() -> None:
    """Let libraries that log at the root (the assistants' server does) say what kind of thing went
    wrong, and not what was sent."""
    root = logging.getLogger()
    if not any(isinstance(one, _FirstLine) for one in root.filters):
        root.addFilter(_FirstLine())


class _FirstLine(logging.Filter):
    """Changes records that are logged at the logger that has it; those of others pass it by."""

    def filter(self, record: logging.LogRecord) -> bool:
        first = record.getMessage().partition("\n")[0]
        record.msg, record.args, record.exc_info = first.partition(":")[0], (), None
        return True
