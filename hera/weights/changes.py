"""How much an adapter changes every layer that it is on."""

from __future__ import annotations

from typing import Any

import torch
from peft.utils.integrations import dequantize_module_weight

from hera.types import Change
from hera.weights.controls import norm
from hera.weights.multi_lora import VariantLinear
from hera.weights.strengths import adapter_of, parts


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
