"""HERA: fine-tuning made visible.

The public names load on first use, so that `import hera` costs milliseconds and pulls in neither
torch nor gradio.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from hera.data import Dialogue, Question, load_dialogues, load_pubmedqa
    from hera.engine import load_engine
    from hera.errors import ConfigError, DataError, HeraError, HubError, InputError, ModelError
    from hera.types import Engine, GenerationParams, Step, TokenLogprobs

__version__ = "0.1.0"

_HOME_OF = {
    "Dialogue": "hera.data",
    "Question": "hera.data",
    "load_dialogues": "hera.data",
    "load_pubmedqa": "hera.data",
    "Engine": "hera.types",
    "GenerationParams": "hera.types",
    "Step": "hera.types",
    "TokenLogprobs": "hera.types",
    "load_engine": "hera.engine",
    "ConfigError": "hera.errors",
    "DataError": "hera.errors",
    "HeraError": "hera.errors",
    "HubError": "hera.errors",
    "InputError": "hera.errors",
    "ModelError": "hera.errors",
}

__all__ = [
    "ConfigError",
    "DataError",
    "Dialogue",
    "Engine",
    "GenerationParams",
    "HeraError",
    "HubError",
    "InputError",
    "ModelError",
    "Question",
    "Step",
    "TokenLogprobs",
    "load_dialogues",
    "load_engine",
    "load_pubmedqa",
]


def __getattr__(name: str) -> object:
    if name not in _HOME_OF:
        raise AttributeError(f"module 'hera' has no attribute {name!r}")
    return getattr(import_module(_HOME_OF[name]), name)


def __dir__() -> list[str]:
    return sorted([*globals(), *__all__])
