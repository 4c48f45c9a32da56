"""What a Space holds: the app's files as the checkout has them, and its README for the hardware."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from hera.errors import ConfigError

ROOT = Path(__file__).resolve().parent.parent
NEEDED = ("app.py", "hera", "requirements.txt", "README.md", "LICENSE", "assets")


def app_files() -> dict[str, Path]:
    """Path in the Space -> file here: those of git's files that the app needs, as they are now.

    Raises:
        ConfigError: this is no git checkout, so that nobody knows which files belong to HERA.
    """
    try:
        listed = subprocess.run(
            ["git", "ls-files", "-z", "--", *NEEDED], cwd=ROOT, capture_output=True, check=True
        )
    except (OSError, subprocess.CalledProcessError) as error:
        raise ConfigError(
            f"{ROOT}: not a git checkout, so what to upload is not known. Run this in a clone."
        ) from error
    names = listed.stdout.decode().split("\0")
    return {name: ROOT / name for name in names if name and (ROOT / name).is_file()}


def pinned(package: str) -> str:
    """The version of a package that requirements.txt pins.

    Raises:
        ConfigError: it pins none.
    """
    text = (ROOT / "requirements.txt").read_text(encoding="utf-8")
    pin = re.search(rf"^{re.escape(package)}(?:\[[\w,]+\])?==([^\s#;]+)", text, re.M)
    if pin is None:
        raise ConfigError(f"requirements.txt: pins no version of {package}.")
    return pin[1]


def space_card(
    hardware: str,
    startup: str,
    models: Sequence[str] = (),
    datasets: Sequence[str] = (),
    preload: Sequence[str] = (),
) -> Any:
    """README.md as a `SpaceCard` for that hardware: what differs is set, the rest is as it stands.

    Args:
        hardware: the Hub's name; ZeroGPU is no suggestion that a README can make.
        startup: the time that the app may take to start.
        models: Hub ids that the Space serves.
        datasets: Hub ids that it asks, and that those were trained on.
        preload: what the build may download: Hub ids, each perhaps with a space and the names of
            files; public ones only.
    """
    from huggingface_hub import SpaceCard

    card = SpaceCard((ROOT / "README.md").read_text(encoding="utf-8"))
    facts: Mapping[str, Any] = {
        "sdk_version": pinned("gradio"),
        "suggested_hardware": None if hardware.startswith("zero-") else hardware,
        "startup_duration_timeout": startup,
        "models": list(models) or None,
        "datasets": list(datasets) or None,
        "preload_from_hub": list(preload) or None,
    }
    for name, value in facts.items():
        card.data[name] = value
    return card
