"""An adapter's files, as far as they can be read without loading torch."""

from __future__ import annotations

import hashlib
import json
from typing import Any

from hera.errors import ModelError
from hera.refs import EMBEDDED, EMBEDDED_BASE, cannot_load, find_file, folder_of, local_path, named

WEIGHTS = "adapter_model.safetensors"
FULL = "model*.safetensors"


def adapter_config(ref: str, flag: str) -> dict[str, Any] | None:
    """The adapter config behind a REF, or None if it is a full model (or a broken one).

    Raises:
        ModelError: the REF, or the file, cannot be read.
    """
    path = find_file(ref, "adapter_config.json", flag)
    if path is None:
        return None
    try:
        config = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise ModelError(cannot_load(flag, ref, error)) from error
    return config if isinstance(config, dict) else {}


def named_base(config: dict[str, Any]) -> str | None:
    """The REF of the base that an adapter's config names, if it names one."""
    base = config.get("base_model_name_or_path") or None
    if base == EMBEDDED_BASE:
        return EMBEDDED
    revision = config.get("revision")
    return f"{base}@{revision}" if base and revision and local_path(base) is None else base


def fingerprint(flag: str, ref: str) -> str:
    """sha256 (hex) of a REF's weights, which ties a result to them: of an adapter's one file, or of
    a full model's files one after the other, in the order of their names.

    Raises:
        ModelError: no weights there.
    """
    folder = folder_of(ref, flag)
    files = [folder / WEIGHTS] if (folder / WEIGHTS).is_file() else sorted(folder.glob(FULL))
    if not files:
        raise ModelError(f"{named(flag, ref)}: no safetensors there; only those are read.")
    digest = hashlib.sha256()
    for path in files:
        with path.open("rb") as file:
            while block := file.read(1 << 20):
                digest.update(block)
    return digest.hexdigest()
