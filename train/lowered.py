"""A base in bfloat16 on a CPU: LoRA that computes in it too, and layers in compiled code.

The adapter's weights stay in float32, since in bfloat16 the optimizer's small steps would be
rounded away. Autocast keeps that as well, but asks at every operation what to cast.

What is left of a step beside its products is reading and writing what they read and write; compiled
by torch, a layer does that once for many operations (135M parameters, 2 cores with AMX: 430 tokens
a second, 350 without; a minute to compile). Dropout's random numbers undo that, so it is for runs
without.
"""

from __future__ import annotations

import shutil
from typing import Any

import torch
from torch import nn
from torch.nn import functional

_WORTH = 300_000  # tokens: fewer are read before the compiler is done
_COMPILERS = ("g++", "clang++")  # what torch looks for


class _Lowered(nn.Linear):
    """Computes in the dtype of what it reads."""

    def forward(self, input: torch.Tensor) -> torch.Tensor:
        return functional.linear(input, self.weight.to(input.dtype))


def is_lowered(model: Any) -> bool:
    """Whether a (PEFT) model is on a CPU and in bfloat16 below its adapter."""
    words: torch.Tensor = model.get_input_embeddings().weight
    return words.device.type == "cpu" and words.dtype == torch.bfloat16


def cast_once(model: nn.Module) -> None:
    """Keep PEFT from casting what an adapter reads to its weights' float32: autocast, or a lowered
    adapter, casts it back, to the same bits."""
    from peft.tuners.tuners_utils import BaseTunerLayer

    layers: list[Any] = [m for m in model.modules() if isinstance(m, BaseTunerLayer)]
    for layer in layers:
        layer.cast_input_dtype_enabled = False


def lower_adapter(model: nn.Module) -> None:
    """Let every LoRA layer compute in the dtype of what it reads."""
    from peft.tuners.lora import LoraLayer

    cast_once(model)
    for layer in model.modules():
        if isinstance(layer, LoraLayer):
            for part in (*layer.lora_A.values(), *layer.lora_B.values()):
                part.__class__ = _Lowered


def compile_layers(model: Any, tokens: int, dropout: float) -> bool:
    """Compile the decoder's layers where that pays for itself; returns whether it did.

    Args:
        model: (PEFT) model; where it has no list of layers it stays as it is.
        tokens: that the run will read.
        dropout: of the adapter.
    """
    layers = getattr(model.get_base_model().get_decoder(), "layers", None)
    if not isinstance(layers, nn.ModuleList) or dropout or tokens < _WORTH:
        return False
    if not any(map(shutil.which, _COMPILERS)):
        return False
    for layer in layers:
        layer.compile(dynamic=True)
    return True
