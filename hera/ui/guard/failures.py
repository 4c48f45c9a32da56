"""What the log says of a failure: what kind and where, nothing of what anybody wrote."""

from __future__ import annotations

import logging
import re
import sys
import traceback
from pathlib import Path

_FRAMES = 6
_GAP = re.compile(r"%[a-z]")


def log_failure(where: str, error: BaseException) -> None:
    """One line on stderr. Messages of exceptions may quote what a visitor sent: they stay out, and
    so do the values of variables."""
    frames = traceback.extract_tb(error.__traceback__)[-_FRAMES:]
    way = " < ".join(f"{Path(f.filename).name}:{f.lineno} {f.name}" for f in reversed(frames))
    print(f"error: {where}: {type(error).__name__} at {way}", file=sys.stderr, flush=True)


_LOGGERS = (None, "mcp.server.streamable_http", "mcp.server.lowlevel.server", "mcp.shared.session")


def only_first_lines() -> None:
    """Let the assistants' server, which logs at the root as well, say what kind of thing went
    wrong, and not what was sent."""
    for logger in map(logging.getLogger, _LOGGERS):
        if not any(isinstance(one, _FirstLine) for one in logger.filters):
            logger.addFilter(_FirstLine())


class _FirstLine(logging.Filter):
    """Changes records that are logged at the logger that has it; those of others pass it by."""

    def filter(self, record: logging.LogRecord) -> bool:
        # What goes into a message's gaps may be what somebody sent: a tool's name, say.
        whole = _GAP.sub("…", str(record.msg)) if record.args else record.getMessage()
        said = whole.partition("\n")[0].partition(":")[0]
        kind = record.exc_info[0] if record.exc_info else None
        record.msg, record.args = f"{said} ({kind.__name__})" if kind else said, ()
        record.exc_info = None
        return True
