"""Variants in one batch: each row of a forward pass has its own LoRA adapter, at the cost of one.

PEFT's own mixed batches visit the adapters one after another in every layer, which on a small model
costs more than the layer itself. Here the adapters of a layer stand side by side in one pair of
matrices, all rows go through both, and a mask in between keeps of each row only its own adapter's
block: rank columns of zeros add exactly nothing. LoRA: Hu et al. 2021, arXiv:2106.09685.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any, cast

import torch
from peft import PeftModel
from peft.tuners.lora import Linear, LoraLayer
from peft.utils import AuxiliaryTrainingWrapper
from torch import nn

from hera.engine import BASE
from hera.errors import ModelError


class Rows:
    """Which adapter each row of the batch at work uses; shared by all layers of a model."""

    def __init__(self) -> None:
        self.names: tuple[str, ...] = ()
        self._masks: dict[tuple[Any, ...], torch.Tensor] = {}

    @contextmanager
    def using(self, names: Sequence[str]) -> Iterator[None]:
        """Within, row i of every batch is answered by the variant names[i]."""
        self.names, self._masks = tuple(names), {}
        try:
            yield
        finally:
            self.names, self._masks = (), {}

    def mask(self, blocks: tuple[tuple[str, int], ...], like: torch.Tensor) -> torch.Tensor:
        """[rows, 1, total rank], 1 where a row's own adapter has its columns. Made once a batch."""
        key = (blocks, like.dtype, like.device)
        if key not in self._masks:
            rows = [
                [float(name == own) for own, r in blocks for _ in range(r)] for name in self.names
            ]
            self._masks[key] = torch.tensor(rows, dtype=like.dtype, device=like.device).unsqueeze(1)
        return self._masks[key]


class VariantLinear(nn.Module):
    """A linear layer and the low-rank updates of all adapters that have one for it."""

    def __init__(self, layer: LoraLayer, rows: Rows) -> None:
        super().__init__()
        self.base_layer = layer.get_base_layer()
        self.rows = rows
        names = list(layer.lora_A)
        self.blocks = tuple((name, int(layer.r[name])) for name in names)
        downs: list[Any] = [layer.lora_A[name].weight for name in names]
        ups: list[Any] = [layer.lora_B[name].weight * layer.scaling[name] for name in names]
        self.down = nn.Parameter(torch.cat(downs, dim=0), requires_grad=False)
        self.up = nn.Parameter(torch.cat(ups, dim=1), requires_grad=False)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """[rows, tokens, in] -> [rows, tokens, out]."""
        out = cast("torch.Tensor", self.base_layer(x))
        if all(name == BASE for name in self.rows.names):
            return out
        inner = nn.functional.linear(x.to(self.down.dtype), self.down)
        inner = inner * self.rows.mask(self.blocks, inner)
        return out + nn.functional.linear(inner, self.up).to(out.dtype)


def side_by_side(model: PeftModel) -> tuple[Any, Rows]:
    """The plain transformers model with its adapters side by side in every adapted layer.

    Raises:
        ModelError: an adapter is no plain LoRA on linear layers (DoRA, trained embeddings, ...).
    """
    rows = Rows()
    plain: Any = model.base_model.model
    adapted = [(n, m) for n, m in plain.named_modules() if isinstance(m, LoraLayer)]
    for name, module in plain.named_modules():
        if isinstance(module, AuxiliaryTrainingWrapper):
            raise ModelError(
                f"An adapter brings its own {name}: only LoRA on linear layers serves."
            )
    for name, layer in adapted:
        _check(name, layer)
        parent, _, last = name.rpartition(".")
        setattr(plain.get_submodule(parent), last, VariantLinear(layer, rows))
    return plain, rows


def _check(name: str, layer: LoraLayer) -> None:
    special = any(layer.use_dora.values()) or any(layer.lora_bias.values())
    if special or layer.lora_embedding_A or not layer.lora_A:
        raise ModelError(f"An adapter changes {name} by more than plain LoRA, which is not served.")
    if not isinstance(layer, Linear) and "4bit" not in type(layer).__name__:
        raise ModelError(f"An adapter changes {name}, a {type(layer).__name__}: not served.")
