"""What counts as a linear layer: one that LoRA changes, whatever a family calls and makes it."""

from __future__ import annotations

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
