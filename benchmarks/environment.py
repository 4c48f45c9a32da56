"""The machine and the versions behind a number. No paths, no user names."""

from __future__ import annotations

import os
import platform
from importlib.metadata import version
from typing import Any

PACKAGES = ("torch", "transformers", "peft", "bitsandbytes", "datasets", "huggingface_hub")


def environment(engine: Any) -> dict[str, Any]:
    """What a results file says of where it was made."""
    return {
        "hera": _hera_version(),
        "python": platform.python_version(),
        "platform": f"{platform.system()} {platform.machine()}",
        "cpus": os.cpu_count(),
        "device": engine.device,
        "dtype": engine.dtype,
        "model": engine.name,
        "versions": {name: version(name) for name in PACKAGES},
    }


def _hera_version() -> str:
    from hera import __version__

    return __version__
