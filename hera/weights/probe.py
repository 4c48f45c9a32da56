"""Whether a base with adapters on it is still the base: every comparison rests on that."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

import torch

from hera.errors import ModelError
from hera.types import BASE
from hera.weights.multi_lora import RowVariants

_TEXT = "Is the base still the base?"


def probe(tokenizer: Any, model: Any, rows: RowVariants) -> torch.Tensor:
    """What the base makes of a fixed short text: its logits, [1, tokens, vocabulary]."""
    ids = torch.tensor([tokenizer.encode(_TEXT)], device=model.device)
    with torch.inference_mode(), rows.using([BASE]), _unpacked(model):
        logits: torch.Tensor = model(input_ids=ids, use_cache=False).logits
    return logits


def check_same(before: torch.Tensor, after: torch.Tensor, adapters: Iterable[str]) -> None:
    """Raises ModelError unless the base with adapters on it answers to the bit as it did before."""
    if not torch.equal(after, before):
        raise ModelError(
            f"With {', '.join(adapters)} on it the base answers otherwise than alone, so nothing "
            "can be compared with it. Load them one by one to see which does that, and leave it "
            "out."
        )


@contextmanager
def _unpacked(model: Any) -> Iterator[None]:
    """Within, 4-bit layers keep their weights as they were loaded.

    On a CPU with AVX-512 BF16 bitsandbytes packs them at their first pass in evaluation mode, and
    PEFT's `state_dict` unpacks them with a loss: a probe would change the base that it looks at.
    """
    layers = []
    if getattr(model, "is_quantized", False):
        from bitsandbytes.nn.modules import Linear4bit

        layers = [m for m in model.modules() if isinstance(m, Linear4bit) and not m.training]
    for layer in layers:
        layer.train()
    try:
        yield
    finally:
        for layer in layers:
            layer.eval()
