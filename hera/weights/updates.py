"""What an adapter does to one linear layer, as numbers that stand beside those of others.

LoRA (Hu et al. 2021, arXiv:2106.09685) adds s B A x. DoRA (Liu et al. 2024, arXiv:2402.09353)
gives every row of W + s B A a length of its own, m: with g = m / |W + s B A| that is
g (W x) + g s B A x, which is W x + (g - 1) W x + (g s B) A x.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import torch
from peft.tuners.lora import LoraLayer
from peft.utils.integrations import dequantize_module_weight

from hera.errors import ModelError
from hera.refs import Ref
from hera.weights.linear import plain


@dataclass(frozen=True)
class Update:
    """down [r, in] and up [out, r], scaled; gain [out] is how much of the base's own product is
    added to it, shift [out] is added to all; both None if nothing is."""

    down: torch.Tensor
    up: torch.Tensor
    gain: torch.Tensor | None = None
    shift: torch.Tensor | None = None

    def is_finite(self) -> bool:
        """Whether all of it are numbers."""
        parts = (self.down, self.up, self.gain, self.shift)
        return all(bool(torch.isfinite(part).all()) for part in parts if part is not None)


@torch.no_grad()
def _update_of(layer: LoraLayer, name: str) -> Update:
    """An adapter's update of a layer that PEFT has put it on."""
    down: Any = layer.lora_A[name]
    up: Any = layer.lora_B[name]
    scale = layer.scaling[name]
    shift = None if up.bias is None else up.bias * scale
    if name not in layer.lora_magnitude_vector:
        return Update(down.weight, up.weight * scale, shift=shift)
    dora: Any = layer.lora_magnitude_vector[name]
    weight = dequantize_module_weight(layer.get_base_layer()).to(down.weight.device)
    norm = dora.get_weight_norm(weight, (up.weight @ down.weight).to(weight.dtype), scale)
    gain = (dora.weight / norm).to(up.weight.dtype)
    return Update(down.weight, gain[:, None] * up.weight * scale, gain - 1, shift)


def updates_of(model: Any, name: str, ref: Ref) -> dict[str, Update]:
    """An adapter's updates, by the path of their layer in the base.

    Raises:
        ModelError: one overflows in the dtype of the base: what is no number there would be none in
            the others' rows as well.
    """
    found: dict[str, Update] = {}
    for path, layer in plain(model).named_modules():
        if not isinstance(layer, LoraLayer) or name not in layer.lora_A:
            continue
        update = found[path] = _update_of(layer, name)
        if not update.is_finite():
            raise ModelError(
                f"{ref.says}: its update of {path} holds a value that is no number in "
                f"{update.up.dtype}. Leave it out, or compute in float32 (--dtype)."
            )
    return found
