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

    Args:
        model: a causal language model with that head, below any PEFT wrapper. Its forward then
            returns, for labels [rows, tokens], float32 `log_probs` and `entropy` (nats) and boolean
            `is_top1` and `label_mask`, each [rows, tokens - 1] and zero where there is no label.
    """
    fused = model.forward
    cap = getattr(model.config.get_text_config(), "final_logit_softcapping", None)

    @functools.wraps(fused)
    def forward(*args: Any, fused_lm_head: bool = False, labels: Any = None, **kwargs: Any) -> Any:
        if not fused_lm_head:
            return fused(*args, labels=labels, **kwargs)
        kwargs["use_cache"] = False
        hidden = model.base_model(*args, **kwargs).last_hidden_state[:, :-1]
        wanted = labels[:, 1:]
        mask = wanted != -100
        logits = model.get_output_embeddings()(hidden[mask]).float()
        if cap is not None:
            logits = cap * torch.tanh(logits / cap)
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
