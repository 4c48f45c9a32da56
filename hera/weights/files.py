"""What a REF's files say before torch is loaded: whose adapter it is, and which weights exactly."""

from __future__ import annotations

import hashlib
import json
import math
from pathlib import Path
from typing import Any

from hera.errors import ModelError
from hera.refs import BASES, LFS_POINTER, Ref, base_ref

WEIGHTS = "adapter_model.safetensors"
_FULL = "model*.safetensors"
_TRAINING = "training.json"


def adapter_config(ref: Ref) -> dict[str, Any] | None:
    """The adapter config behind a REF, or None if it is a full model (or a broken one).

    Raises:
        ModelError: the REF, or the file, cannot be read.
    """
    if ref.text in BASES or ref.is_gguf:
        return None
    path = ref.file("adapter_config.json")
    if path is None:
        return None
    try:
        config = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise ref.cannot_load(error, path.name) from error
    return config if isinstance(config, dict) else {}


def base_named_in(config: dict[str, Any], asked: str) -> Ref | None:
    """The base that an adapter's config names, if it names one; `asked` is what asked for it."""
    base = config.get("base_model_name_or_path") or None
    if base is None:
        return None
    ref = base_ref(str(base), asked)
    revision = config.get("revision")
    return Ref.of(f"{base}@{revision}", asked) if revision and ref.path is None else ref


def check_not_pointer(ref: Ref, path: Path) -> None:
    """Raises ModelError if a file of the REF is what git leaves in the place of a large one."""
    with path.open("rb") as file:
        if file.read(len(LFS_POINTER)) == LFS_POINTER:
            raise ModelError(
                f"{ref.says}: {path.name} is a Git LFS pointer, not the weights. Run `git lfs "
                "pull` in that clone, or give the Hub id."
            )


def weights_sha256(ref: Ref) -> str:
    """sha256 (hex) of a REF's weights, which ties a result to them: of an adapter's one file, or of
    a full model's files one after the other, in the order of their names.

    Raises:
        ModelError: no weights there.
    """
    folder = ref.folder()
    files = [folder / WEIGHTS] if (folder / WEIGHTS).is_file() else sorted(folder.glob(_FULL))
    if not files:
        raise ModelError(f"{ref.says}: no safetensors there; only those are read.")
    digest = hashlib.sha256()
    for path in files:
        with path.open("rb") as file:
            while block := file.read(1 << 20):
                digest.update(block)
    return digest.hexdigest()


def adapter_parameters(ref: Ref) -> int:
    """How many numbers an adapter's file holds.

    Raises:
        ModelError: there is none, or it cannot be read.
    """
    from safetensors import safe_open

    path = ref.file(WEIGHTS)
    if path is None:
        raise ModelError(f"{ref.says}: no {WEIGHTS} there.")
    try:
        with safe_open(path, "numpy") as file:
            shapes = [file.get_slice(key).get_shape() for key in file.keys()]  # noqa: SIM118
    except Exception as error:  # safetensors raises its own
        raise ref.cannot_load(error, WEIGHTS) from error
    return sum(math.prod(shape) for shape in shapes)


def trained_on(ref: Ref) -> str | None:
    """sha256 (hex) of the weights of the base that an adapter was trained on, if its training.json
    tells it.

    Raises:
        ModelError: that file cannot be read.
    """
    path = ref.file(_TRAINING)
    if path is None:
        return None
    try:
        record = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise ref.cannot_load(error, _TRAINING) from error
    sha256 = record.get("base_sha256") if isinstance(record, dict) else None
    return sha256 if isinstance(sha256, str) else None
