"""Dropout for a CPU: the same distribution from a quarter of the random numbers.

PyTorch draws one 32-bit number an element, one after the other, which is a quarter of a LoRA step
on a small model. A 64-bit draw holds four 16-bit ones: the rate is then right to within 1/131,072.
"""

from __future__ import annotations

import torch
from torch import nn


class BitDropout(nn.Module):
    """Zeroes each element with probability `p` and scales the others by 1 / (1 - p), in training.

    Srivastava et al. 2014, JMLR 15:1929. Draws from torch's global CPU generator, whose state a
    checkpoint holds.
    """

    def __init__(self, p: float) -> None:
        super().__init__()
        self.p = p
        self.threshold = round(p * 2**16) - 2**15

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Any shape and float dtype -> the same."""
        if not self.training or self.p == 0:
            return x
        words = torch.empty(-(-x.numel() // 4), dtype=torch.int64).random_(-(2**63), None)
        bits = words.view(torch.int16)[: x.numel()].view(x.shape)
        return x * (bits >= self.threshold).to(x.dtype).mul_(1 / (1 - self.p))


def use_bit_dropout(model: nn.Module) -> None:
    """Put it in the place of every adapter's `nn.Dropout`."""
    from peft.tuners.lora import LoraLayer

    for layer in model.modules():
        if isinstance(layer, LoraLayer):
            for name, dropout in layer.lora_dropout.items():
                if isinstance(dropout, nn.Dropout):
                    layer.lora_dropout[name] = BitDropout(dropout.p)
