"""Faults planted in the embedded model: in an adapter's file, on the way from it to the layers, or
beneath it."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from unittest.mock import patch

from hera.engine import load_engine
from hera.export.merge import merge
from hera.refs import EMBEDDED, EMBEDDED_DIR, Ref, shipped_adapters
from hera.types import Engine
from hera.weights.adapters import Adapter, read_adapter
from hera.weights.files import WEIGHTS, weights_sha256

STAGES = {name: str(ref.path) for name, ref in shipped_adapters(Ref.of(EMBEDDED)).items()}


def of_zeros(folder: Path) -> Engine:
    """stage2's file holds zeros: it changes nothing, as one that was never trained."""
    from safetensors.torch import load_file, save_file

    zeros = _copy("stage2", folder)
    save_file({k: t * 0 for k, t in load_file(zeros / WEIGHTS).items()}, zeros / WEIGHTS)
    return load_engine(EMBEDDED, {**STAGES, "stage2": str(zeros)})


def not_loaded() -> Engine:
    """stage2 stays as PEFT begins an adapter, up projections of zeros: none of its keys fitted."""
    return _read_as(lambda adapter: _times(adapter, 0) if _is(adapter, "stage2") else adapter)


def loaded_twice() -> Engine:
    """stage2 under both names."""
    return load_engine(EMBEDDED, {"stage1": STAGES["stage2"], "stage2": STAGES["stage2"]})


def scaled_twice() -> Engine:
    """stage2 twice as strong as its file says."""
    return _read_as(lambda adapter: _times(adapter, 2) if _is(adapter, "stage2") else adapter)


def swapped() -> Engine:
    """Each stage has the other's weights in memory."""
    others = {"stage1": "stage2", "stage2": "stage1"}

    def other(adapter: Adapter) -> Adapter:
        mine = next(name for name in STAGES if _is(adapter, name))
        return read_adapter(Ref.of(STAGES[others[mine]]))

    return _read_as(other)


def on_wrong_base(folder: Path) -> Engine:
    """Adapters that say what they were trained on, on the base with stage2 merged into it."""
    merged = folder / "merged"
    merge(Ref.of(EMBEDDED), Ref.of(STAGES["stage2"]), merged)
    return load_engine(str(merged), on_record(folder))


def on_record(folder: Path) -> dict[str, str]:
    """Copies of both stages with a training.json that tells the sha256 of the base's weights; their
    configs name a folder that is not here, as of adapters trained elsewhere, so that whatever base
    is named is taken for theirs."""
    names = {}
    for name in STAGES:
        copy = _copy(name, folder)
        config = json.loads((copy / "adapter_config.json").read_text(encoding="utf-8"))
        config["base_model_name_or_path"] = "/elsewhere/base"
        (copy / "adapter_config.json").write_text(json.dumps(config), encoding="utf-8")
        record = {"base_sha256": weights_sha256(Ref.of(EMBEDDED))}
        (copy / "training.json").write_text(json.dumps(record), encoding="utf-8")
        names[name] = str(copy)
    return names


def _copy(name: str, folder: Path) -> Path:
    return Path(shutil.copytree(EMBEDDED_DIR / name, folder / name))


def _read_as(change: Callable[[Adapter], Adapter]) -> Engine:
    """The embedded model, whose adapters become others between their files and the layers."""
    with patch("hera.weights.loader.read_adapter", lambda ref: change(read_adapter(ref))):
        return load_engine(EMBEDDED)


def _is(adapter: Adapter, name: str) -> bool:
    return str(adapter.ref) == STAGES[name]


def _times(adapter: Adapter, factor: float) -> Adapter:
    lora = {k: t * factor if ".lora_B." in k else t for k, t in adapter.lora.items()}
    return replace(adapter, lora=lora)
