"""The machine and the versions behind a number. No paths, no user names."""

from __future__ import annotations

import os
import platform
import subprocess
import time
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

PACKAGES = ("torch", "transformers", "peft", "trl", "bitsandbytes", "datasets", "huggingface_hub")


def machine() -> dict[str, Any]:
    """Hardware, versions and commit; what a results file says of where it was made."""
    from hera import __version__

    return {
        "hera": __version__,
        "git_commit": git_commit(),
        "python": platform.python_version(),
        "platform": f"{platform.system()} {platform.machine()}",
        "cpus": os.cpu_count(),
        "versions": {name: version(name) for name in PACKAGES},
    }


def environment(engine: Any) -> dict[str, Any]:
    """`machine()` and what the engine computes in and on."""
    return {
        **machine(),
        "device": engine.device,
        "dtype": engine.dtype,
        "model": engine.name,
        "weights": dict(engine.fingerprints),
    }


def facts(engine: Any, began: float, *, partial: bool) -> dict[str, Any]:
    """What a result says of the run that made it: the machine, the weights, the time.

    Args:
        engine: what answered.
        began: `time.monotonic()` at the start.
        partial: whether the run was stopped before its end.
    """
    return {
        "partial": partial,
        "environment": environment(engine),
        "seconds": round(time.monotonic() - began, 2),
        "finished": datetime.now(UTC).isoformat(timespec="seconds"),
    }


def git_commit() -> str | None:
    """The checkout's commit, with "+changes" if files differ from it; None outside a checkout."""
    root = Path(__file__).resolve().parent.parent
    if not (root / ".git").exists():
        return None
    commit = _git(root, "rev-parse", "HEAD")
    changed = _git(root, "status", "--porcelain", "--untracked-files=no")
    return f"{commit}+changes" if commit and changed else commit


def _git(root: Path, *arguments: str) -> str | None:
    try:
        done = subprocess.run(
            ["git", *arguments], cwd=root, capture_output=True, text=True, check=True, timeout=30
        )
    except (OSError, subprocess.SubprocessError):  # no git here: the commit is then unknown
        return None
    return done.stdout.strip() or None
