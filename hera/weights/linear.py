"""A base below whatever PEFT has put on it: its layers, and which of them are linear."""

from __future__ import annotations

from typing import Any

from peft import PeftModel
from peft.tuners.tuners_utils import BaseTunerLayer
from torch import nn
from transformers.pytorch_utils import Conv1D


def features(layer: nn.Module | None) -> tuple[int, int] | None:
    """(in, out) of a linear layer, quantized or not, and of GPT-2's transposed kind; None if it is
    none."""
    if isinstance(layer, nn.Linear):
        return layer.in_features, layer.out_features
    if isinstance(layer, Conv1D):
        return layer.nx, layer.nf
    return None


def plain(model: Any) -> Any:
    """The transformers model itself, adapters or not."""
    return model.get_base_model() if isinstance(model, PeftModel) else model


def layers(model: Any) -> dict[str, nn.Module]:
    """Every module of the base by its path, adapted ones without their adapters."""
    return {
        path: layer.get_base_layer() if isinstance(layer, BaseTunerLayer) else layer
        for path, layer in plain(model).named_modules()
    }
