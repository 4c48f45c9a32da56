"""A command of the house in a process of its own."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Sequence

from hera.errors import TrainingError


def run_child(arguments: Sequence[str], what: str) -> None:
    """Run this Python with `arguments` ("-m", "train.stage1", ...) to its end.

    Args:
        arguments: what follows the interpreter.
        what: how an error about it begins.

    Raises:
        TrainingError: it failed, with its last line.
    """
    command = [sys.executable, *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        last = done.stderr.strip().splitlines()[-1:] or [f"exit code {done.returncode}"]
        raise TrainingError(f"{what}: {last[0]}")
