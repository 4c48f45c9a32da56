"""How much an adapter changes every layer that it is on: as it is loaded, and by its file."""

from __future__ import annotations

from typing import Any

import torch
from peft.utils.integrations import dequantize_module_weight

from hera.errors import InputError
from hera.refs import Ref
from hera.types import Change
from hera.weights.adapters import read_adapter, scaling
from hera.weights.controls import norm
from hera.weights.files import adapter_config
from hera.weights.multi_lora import VariantLinear
from hera.weights.strengths import adapter_of, parts

_DOWN = ".lora_A.weight"


@torch.no_grad()
def changes(model: Any, variant: str) -> dict[str, Change]:
    """Of a model with its adapters side by side, by the path of the layer, in the model's order; a
    control has its adapter's norms."""
    made_of = parts(variant)
    found: dict[str, Change] = {}
    for layer in model.modules():
        if not isinstance(layer, VariantLinear):
            continue
        own = [(layer.update(adapter_of(part)), strength) for part, strength in made_of]
        updates = [(*update, strength) for update, strength in own if update is not None]
        if updates:
            down = torch.cat([down for down, _, _ in updates])
            up = torch.cat([up * strength for _, up, strength in updates], dim=1)
            weight = dequantize_module_weight(layer.base_layer)
            found[layer.path] = Change(norm(down, up), float(weight.float().norm()))
    return found


def file_changes(ref: Ref) -> dict[str, float]:
    """‖ΔW‖ by the path of the layer, of an adapter's file alone: no base, none of PEFT's layers.

    Raises:
        InputError: no adapter, or more than LoRA on linear layers.
        ModelError: it cannot be read.
    """
    if adapter_config(ref) is None:
        raise InputError(f"{ref.text}: a full model, no adapter.")
    adapter = read_adapter(ref)
    if not adapter.is_plain:
        raise InputError(f"{ref.text}: it is more than LoRA on linear layers.")
    found: dict[str, float] = {}
    for key in (key for key in adapter.lora if key.endswith(_DOWN)):
        down, up = adapter.lora[key], adapter.lora[key.replace(".lora_A", ".lora_B")]
        path = key.removesuffix(_DOWN).removeprefix("base_model.model.")
        found[path] = scaling(adapter.config, path, len(down)) * norm(down, up)
    return found
