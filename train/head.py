"""The output head on a CPU: logits for the positions that carry the loss, and for no others.

TRL's fused head leaves the other positions out only where Triton runs; elsewhere it multiplies all
of them by the vocabulary and throws most away. With the loss on the completion that is nine tenths
of the head's work in stage 1. `tests/training/test_devices.py` holds this head against TRL's.
"""

from __future__ import annotations

import functools
from typing import Any

import torch
from trl.trainer.utils import FusedCausalLMOutput


def compact_head(model: Any) -> None:
    """Replace what `model(..., fused_lm_head=True)` does since TRL's `add_fused_lm_head`.

    Not where a family does more to its logits than to cap them (Cohere scales them, say): TRL knows
    of that.

    Args:
        model: a causal language model with that head, below any PEFT wrapper. Its forward then
            returns, for labels [rows, tokens], float32 `log_probs` and `entropy` (nats) and boolean
            `is_top1` and `label_mask`, each [rows, tokens - 1] and zero where there is no label.
    """
    fused = model.forward
    cap = getattr(model.config.get_text_config(), "final_logit_softcapping", None)
    if not _is_all(model, cap):
        return

    @functools.wraps(fused)
    def forward(*args: Any, fused_lm_head: bool = False, labels: Any = None, **kwargs: Any) -> Any:
        if not fused_lm_head:
            return fused(*args, labels=labels, **kwargs)
        kwargs["use_cache"] = False
        hidden = model.base_model(*args, **kwargs).last_hidden_state[:, :-1]
        wanted = labels[:, 1:]
        mask = wanted != -100
        logits = _logits(model, hidden[mask], cap)
        logprobs = torch.log_softmax(logits, dim=-1)
        picked = logprobs.gather(1, wanted[mask].unsqueeze(1)).squeeze(1)
        with torch.no_grad():
            entropy = -(logprobs.exp() * logprobs).sum(-1)
            right = logprobs.argmax(-1) == wanted[mask]
        empty = torch.zeros(mask.shape, dtype=torch.float32, device=mask.device)
        return FusedCausalLMOutput(
            log_probs=empty.masked_scatter(mask, picked),
            entropy=empty.masked_scatter(mask, entropy),
            is_top1=torch.zeros_like(mask).masked_scatter(mask, right),
            label_mask=mask,
        )

    model.forward = forward


def _logits(model: Any, hidden: torch.Tensor, cap: float | None) -> torch.Tensor:
    """[..., hidden] -> float32 [..., vocabulary]."""
    logits: torch.Tensor = model.get_output_embeddings()(hidden).float()
    return logits if cap is None else cap * torch.tanh(logits / cap)


@torch.no_grad()
def _is_all(model: Any, cap: float | None) -> bool:
    """Whether the model's own logits are these."""
    training = model.training
    model.eval()  # some families have dropout of their own
    ids = torch.arange(4, device=model.device).unsqueeze(0)
    hidden = model.base_model(ids, use_cache=False).last_hidden_state
    same = torch.allclose(_logits(model, hidden, cap), model(ids).logits.float(), atol=1e-4)
    model.train(training)
    return same
