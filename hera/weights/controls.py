"""The control of an adapter: random, of the same rank, and in every layer of the same norm.

What it does as well, any change of that size would have done; the rest is what was learnt.
"""

from __future__ import annotations

import zlib

import torch


def norm(down: torch.Tensor, up: torch.Tensor) -> float:
    """The Frobenius norm of up @ down ([out, r] and [r, in]), without the product itself:
    the root of tr(upᵀ up  down downᵀ)."""
    down, up = down.double(), up.double()
    return float(((up.T @ up) * (down @ down.T)).sum().clamp(min=0).sqrt())


def control(
    down: torch.Tensor, up: torch.Tensor, path: str, number: int
) -> tuple[torch.Tensor, torch.Tensor]:
    """(down, up), normally distributed, whose product has the norm of the given ones'.

    The same for the same layer and number, on whatever device.
    """
    # On the CPU: a GPU's generator draws others.
    generator = torch.Generator().manual_seed(zlib.crc32(f"{number}/{path}".encode()))
    new_down, new_up = (torch.randn(part.shape, generator=generator) for part in (down, up))
    new_up *= norm(down, up) / norm(new_down, new_up)
    return new_down.to(down), new_up.to(up)
