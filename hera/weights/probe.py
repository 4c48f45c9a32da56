"""Whether a base with adapters on it is still the base: every comparison rests on that."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

import torch

from hera.errors import ModelError, one_line
from hera.refs import Ref
from hera.types import BASE
from hera.weights.bases import pad_id
from hera.weights.forward import Forward
from hera.weights.multi_lora import RowVariants

_TEXT = "Is the base still the base?"
_PADS = 5
_OFF, _OFF_16 = 1e-3, 0.05  # of the logits' spread: how far rounding may take a row from itself


def probe(tokenizer: Any, model: Any, rows: RowVariants, variant: str = BASE) -> torch.Tensor:
    """What a variant makes of a fixed short text: its logits, [1, tokens, vocabulary].

    Raises:
        ModelError: the model fails over it.
    """
    ids = torch.tensor([tokenizer.encode(_TEXT)], device=model.device)
    try:
        with torch.inference_mode(), rows.using([variant]), _unpacked(model):
            logits: torch.Tensor = model(input_ids=ids, use_cache=False).logits
    except Exception as error:  # layers were exchanged, which a family may not stand
        raise ModelError(
            f"{variant} cannot be run, a {model.config.model_type} model ({one_line(error)})."
        ) from error
    return logits


def check_rows(ref: Ref, tokenizer: Any, model: Any) -> None:
    """Raises ModelError unless the base reads a padded row, and goes on from its cache, as it reads
    the text alone: a family that does not would give wrong numbers in a batch."""
    ids = torch.tensor([tokenizer.encode(_TEXT)], device=model.device)
    padded = torch.nn.functional.pad(ids, (_PADS, 0), value=pad_id(tokenizer, model))
    mask = torch.nn.functional.pad(torch.ones_like(ids), (_PADS, 0))
    forward = Forward(model)
    kind = f"{ref.says}: a {model.config.model_type} model"
    try:
        with torch.inference_mode(), _unpacked(model):
            alone = model(input_ids=ids, use_cache=False).logits[0, -1].float()
            cache = None
            if forward.caches:
                first = {"input_ids": padded[:, :-2], "attention_mask": mask[:, :-2]}
                cache = forward(**first, use_cache=True).past_key_values
                padded = padded[:, -2:]
            found = forward(
                input_ids=padded, attention_mask=mask, past_key_values=cache, use_cache=False
            ).logits[0, -1]
    except Exception as error:  # a family may fail in whatever way it likes
        raise ModelError(f"{kind}, which cannot be run ({one_line(error)}).") from error
    off = (found.float() - alone).square().mean().sqrt() / alone.std()
    if not off < (_OFF if model.dtype == torch.float32 else _OFF_16):
        raise ModelError(
            f"{kind}, which reads a padded row otherwise than a row alone ({off:.2g} of the spread "
            "of its logits): in a batch its answers would be wrong, so it is not served."
        )


def check_same(before: torch.Tensor, after: torch.Tensor, adapters: Iterable[str]) -> None:
    """Raises ModelError unless the base with adapters on it answers to the bit as it did before."""
    if not torch.equal(after, before):
        raise ModelError(
            f"With {', '.join(adapters)} on it the base answers otherwise than alone, so nothing "
            "can be compared with it. Load them one by one to see which does that, and leave it "
            "out."
        )


def check_answers(tokenizer: Any, model: Any, rows: RowVariants, variant: str, ref: Ref) -> None:
    """Raises ModelError unless the variant answers, in numbers."""
    logits = probe(tokenizer, model, rows, variant)
    if not torch.isfinite(logits).all():
        raise ModelError(
            f"{ref.says}: its answers are no numbers in {str(model.dtype).removeprefix('torch.')}: "
            "its weights overflow. Leave it out, or compute in float32 (--dtype)."
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
