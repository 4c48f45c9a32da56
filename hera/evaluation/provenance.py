"""The machine and the versions behind a number. No paths, no user names."""

from __future__ import annotations

import os
import platform
import subprocess
import time
from contextlib import suppress
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from hera.evaluation.records import Record
from hera.types import Engine

PACKAGES = ("torch", "transformers", "peft", "trl", "bitsandbytes", "datasets", "huggingface_hub")


class Machine(Record):
    """Hardware, versions and commit."""

    hera: str
    git_commit: str | None = None
    python: str
    platform: str
    cpus: int | None = None
    versions: dict[str, str]


class Environment(Machine):
    """A machine, and what an engine computed in and on; `weights` are variant -> sha256, `decoding`
    is how it decoded."""

    device: str
    dtype: str
    decoding: str | None = None
    model: str
    weights: dict[str, str]


def machine() -> Machine:
    """This one."""
    from hera import __version__

    return Machine(
        hera=__version__,
        git_commit=git_commit(),
        python=platform.python_version(),
        platform=f"{platform.system()} {platform.machine()}",
        cpus=os.cpu_count(),
        versions=_versions(),
    )


def _versions() -> dict[str, str]:
    """Of those of the packages that are here: not everything needs all of them."""
    versions = {}
    for name in PACKAGES:
        with suppress(PackageNotFoundError):
            versions[name] = version(name)
    return versions


def environment(engine: Engine) -> Environment:
    """This machine with the engine on it."""
    return Environment.of(
        {
            **machine().plain(),
            "device": engine.device,
            "dtype": engine.dtype,
            "decoding": None if engine.pace is None else engine.pace.choice,
            "model": engine.name,
            "weights": dict(engine.fingerprints),
        }
    )


def run_facts(engine: Engine, began: float, *, partial: bool) -> dict[str, Any]:
    """What a result says of the run that made it: "partial", "environment", "seconds", "finished".

    Args:
        engine: what answered.
        began: `time.monotonic()` at the start.
        partial: whether the run was stopped before its end.
    """
    return {
        "partial": partial,
        "environment": environment(engine).plain(),
        "seconds": round(time.monotonic() - began, 2),
        "finished": datetime.now(UTC).isoformat(timespec="seconds"),
    }


def git_commit() -> str | None:
    """The checkout's commit, with "+changes" if files differ from it; None outside a checkout."""
    root = Path(__file__).resolve().parents[2]
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
