"""How every command ends: 0 on success, 2 on bad usage, 1 on another error of ours, in one line."""

from __future__ import annotations

import logging
import os
import sys
import warnings
from collections.abc import Callable
from typing import TypeVar

from hera.errors import ConfigError, HeraError

T = TypeVar("T")


def run(main: Callable[[], None]) -> int:
    """Run a command; returns its exit code. What is no HeraError is a defect and shows as one."""
    private()
    quiet()
    try:
        main()
    except HeraError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2 if isinstance(error, ConfigError) else 1
    except KeyboardInterrupt as stop:
        print(f"stopped{f': {stop}' if stop.args else '.'}", file=sys.stderr)
        return 130
    return 0


def or_exit(step: Callable[[], T]) -> T:
    """The step's result; an error of ours ends the program as it would end a command."""
    results: list[T] = []
    if code := run(lambda: results.append(step())):
        sys.exit(code)
    return results[0]


def private() -> None:
    """No library reports what is done here: the one place that says so, for commands, app and
    training alike. What is set in the environment is read when gradio and huggingface_hub are
    imported."""
    os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"
    os.environ["HF_HUB_DISABLE_TELEMETRY"] = "1"
    keep_few_kernels()
    if "huggingface_hub.constants" in sys.modules:
        sys.modules["huggingface_hub.constants"].__dict__["HF_HUB_DISABLE_TELEMETRY"] = True


def keep_few_kernels() -> None:
    """Let oneDNN, and torch's own cache before it in each thread, keep the last 16 compiled
    products in place of 1,024, unless the environment says how many. It compiles one for each shape
    of a batch, hardly two batches of questions have the same, and each holds megabytes: scoring
    took 10 MiB a second for minutes, and is as fast without. It counts until the first of them, so
    it is said before torch is imported where that is ours to say."""
    for cache in ("ONEDNN_PRIMITIVE_CACHE_CAPACITY", "LRU_CACHE_CAPACITY"):
        os.environ.setdefault(cache, "16")


def quiet() -> None:
    """Silence what libraries say that nobody who runs a command can act on: two notes, and, where
    stderr is no terminal, progress bars."""
    if not sys.stderr.isatty():  # read when these libraries are imported
        os.environ.setdefault("HF_HUB_DISABLE_PROGRESS_BARS", "1")
        os.environ.setdefault("HF_DATASETS_DISABLE_PROGRESS_BARS", "1")
        if "huggingface_hub" in sys.modules:
            sys.modules["huggingface_hub"].utils.disable_progress_bars()
    # An optional 4-bit CPU kernel is missing; bitsandbytes says so on import, needed or not.
    logging.getLogger("bitsandbytes").setLevel(logging.ERROR)
    # transformers 5.23 warns of a name that peft 0.21 uses.
    warnings.filterwarnings("ignore", message="`is_gradient_checkpointing` is deprecated")
