"""What a model's config says, as llama.cpp reads it from a GGUF file, or a clear line."""

from __future__ import annotations

from typing import Any

from gguf import GGUFWriter

from hera.errors import ModelError
from hera.refs import Ref
from hera.weights.gguf import attention_scale
from hera.weights.gguf.names import CONVERTER

_ASSUMED: dict[str, dict[str, tuple[Any, ...]]] = {
    "llama": {"hidden_act": ("silu",), "attention_bias": (False,), "mlp_bias": (False,)},
    "gemma2": {
        "hidden_activation": ("gelu_pytorch_tanh",),
        "attention_bias": (False,),
        "use_bidirectional_attention": (None, False),
        "tie_word_embeddings": (True,),
    },
}
"""What llama.cpp computes whatever a model's config says: a config must say that."""


def check_settings(ref: Ref, config: Any) -> None:
    """Raises ModelError unless llama.cpp computes what the config says."""
    assumed = _ASSUMED[config.model_type]
    odd = [name for name, values in assumed.items() if getattr(config, name, None) not in values]
    if config.rope_parameters.get("rope_type") != "default":
        odd.append("rope_parameters")
    if config.model_type == "gemma2":
        kinds = ("sliding_attention", "full_attention")
        if any(kind != kinds[i % 2] for i, kind in enumerate(config.layer_types)):
            odd.append("layer_types")
        if config.query_pre_attn_scalar != attention_scale(config):
            odd.append("query_pre_attn_scalar")
    if odd:
        said = f"{odd[0]} = {getattr(config, odd[0], None)!r:.80}"
        raise ModelError(f"{ref.says}: HERA does not write {said} as GGUF. {CONVERTER}.")


def add_settings(writer: GGUFWriter, config: Any) -> None:
    """Add sizes, RoPE and windows."""
    width = config.head_dim or config.hidden_size // config.num_attention_heads
    writer.add_context_length(config.max_position_embeddings)
    writer.add_embedding_length(config.hidden_size)
    writer.add_block_count(config.num_hidden_layers)
    writer.add_feed_forward_length(config.intermediate_size)
    writer.add_head_count(config.num_attention_heads)
    writer.add_head_count_kv(config.num_key_value_heads)
    writer.add_layer_norm_rms_eps(config.rms_norm_eps)
    writer.add_key_length(width)
    writer.add_value_length(width)
    writer.add_vocab_size(config.vocab_size)
    writer.add_rope_dimension_count(width)
    writer.add_rope_freq_base(float(config.rope_parameters["rope_theta"]))
    if config.model_type == "gemma2":
        writer.add_attn_logit_softcapping(config.attn_logit_softcapping)
        writer.add_final_logit_softcapping(config.final_logit_softcapping)
        writer.add_sliding_window(config.sliding_window)
