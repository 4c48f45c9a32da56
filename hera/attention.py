"""Which attention implementation computes Gemma 2, in one place.

Gemma 2 caps its attention scores (tanh at 50); an implementation that drops the cap computes
another model. transformers 5.23 therefore refuses SDPA for it. What keeps the cap: eager,
FlashAttention 2 from its release 2.6 on, and FlexAttention, which PyTorch compiles.
"""

from __future__ import annotations


def choose_attention(device: str, *, training: bool) -> str:
    """The name that `from_pretrained(attn_implementation=...)` takes.

    Args:
        device: "cpu" or "cuda".
        training: whether long packed rows are at work, which only pay where masked blocks are
            skipped; serving decodes token by token, where eager needs no compiler and is as fast.
    """
    if device != "cuda" or not training:
        return "eager"
    from transformers.utils.import_utils import is_flash_attn_2_available

    return "flash_attention_2" if is_flash_attn_2_available() else "flex_attention"


def skips_masked_blocks(attention: str) -> bool:
    """Whether packing costs nothing: rows that may not see each other are then never computed."""
    return attention != "eager"
