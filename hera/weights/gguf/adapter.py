"""A LoRA adapter as the GGUF file that llama.cpp takes beside a base: `--lora FILE`."""

from __future__ import annotations

from pathlib import Path
from typing import Any, NoReturn

import torch
from gguf import GGUFType, GGUFWriter, Keys
from transformers import AutoConfig, AutoModelForCausalLM

from hera.errors import ModelError, one_line
from hera.refs import Ref
from hera.weights.adapters import Adapter, check_fits, read_adapter, scaling
from hera.weights.gguf import unpacked
from hera.weights.gguf.names import architecture, in_order, tensor_name

_A, _B = ".lora_A.weight", ".lora_B.weight"
_PREFIX = "base_model.model."
_HELD = (
    "A GGUF adapter holds plain LoRA on the layers that llama.cpp knows, scaled by lora_alpha / r, "
    "and nothing else: merge it (`python -m hera.export merge`)"
)


class NotHeldError(ModelError):
    """An adapter that can be served, and is more than a GGUF adapter holds."""


def write_adapter(adapter: Ref, base: Ref, path: Path) -> None:
    """Write an adapter in float32 to a GGUF file; of the base only its config is read.

    Raises:
        NotHeldError: more than GGUF holds (DoRA, rsLoRA, own embeddings, ...).
        ModelError: no such adapter or base, not made for each other, a family that HERA does not
            write, or a file that cannot be written.
    """
    read, config = read_adapter(adapter), _config(base)
    arch = architecture(base, config)
    _check_held(read)
    check_fits(read, _hollow(config))
    tensors = {
        name: weights
        for key in read.lora
        if key.endswith(_A)
        for name, weights in _pair(read, key.removesuffix(_A), config).items()
    }
    try:
        writer = GGUFWriter(path, arch)
        writer.add_type(GGUFType.ADAPTER)
        writer.add_string(Keys.Adapter.TYPE, "lora")
        writer.add_float32(Keys.Adapter.LORA_ALPHA, float(read.config.lora_alpha))
        for name, weights in tensors.items():
            writer.add_tensor(name, weights)
        writer.write_header_to_file()
        writer.write_kv_data_to_file()
        writer.write_tensors_to_file()
        writer.close()
    except OSError as error:
        raise ModelError(f"{path}: cannot be written ({one_line(error)}).") from error


def _config(base: Ref) -> Any:
    base = unpacked(base)
    where, revision = base.pretrained()
    inside = "" if base.unpacked else base.subfolder
    try:
        return AutoConfig.from_pretrained(where, revision=revision, subfolder=inside)
    except Exception as error:  # transformers raises what its many readers raise
        raise base.cannot_load(error) from error


def _hollow(config: Any) -> Any:
    """The model's layers without their weights."""
    with torch.device("meta"):
        return AutoModelForCausalLM.from_config(config)


def _check_held(adapter: Adapter) -> None:
    """Raises ModelError if the adapter is more than llama.cpp reads from a file."""
    if not adapter.is_plain:
        _refuse(adapter, "brings more than LoRA on linear layers (DoRA, own tables, biases)")
    if not adapter.lora:
        _refuse(adapter, "holds no LoRA")
    if not adapter.config.lora_alpha:  # which llama.cpp takes for a scale of 1
        _refuse(adapter, f"has the lora_alpha {adapter.config.lora_alpha}")
    alpha = adapter.config.lora_alpha
    for key, tensor in adapter.lora.items():
        path, rank = key.removesuffix(_A).removeprefix(_PREFIX), len(tensor)
        if key.endswith(_A) and scaling(adapter.config, path, rank) != alpha / rank:
            _refuse(adapter, f"scales {path} otherwise (rsLoRA, or an alpha by pattern)")


def _pair(adapter: Adapter, key: str, config: Any) -> dict[str, Any]:
    """A layer's two parts by llama.cpp's names, [r, in] and [out, r]."""
    path = key.removeprefix(_PREFIX)
    name = tensor_name(config, f"{path}.weight")
    if name is None or (config.tie_word_embeddings and path == "lm_head"):
        _refuse(adapter, f"changes {path}, which is no layer of its own there")
    down, up = (adapter.lora[key + end].float().numpy() for end in (_A, _B))
    return {f"{name}.lora_a": down, f"{name}.lora_b": in_order(config, path, up)}


def _refuse(adapter: Adapter, what: str) -> NoReturn:
    raise NotHeldError(f"{adapter.ref.says}: {what}. {_HELD}.")
