"""How every command ends: 0 on success, 2 on bad usage, 1 on another error of ours, in one line."""

from __future__ import annotations

import sys
from collections.abc import Callable

from hera.errors import ConfigError, HeraError


def run(main: Callable[[], None]) -> int:
    """Run a command; returns its exit code. What is no HeraError is a defect and shows as one."""
    try:
        main()
    except HeraError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2 if isinstance(error, ConfigError) else 1
    except KeyboardInterrupt:
        print("stopped.", file=sys.stderr)
        return 130
    return 0
