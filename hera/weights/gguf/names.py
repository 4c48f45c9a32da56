"""What llama.cpp calls the parts of a model, and in which order it wants their rows.

Two families are known, those of HERA's own bases; each is tested against llama.cpp itself.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np
from gguf import MODEL_ARCH, MODEL_ARCH_NAMES, get_tensor_name_map

from hera.errors import ModelError
from hera.refs import Ref

_ARCHITECTURES = {"llama": MODEL_ARCH.LLAMA, "gemma2": MODEL_ARCH.GEMMA2}
CONVERTER = (
    "llama.cpp's own converter writes many more: git clone https://github.com/ggml-org/llama.cpp, "
    "then convert_hf_to_gguf.py on a folder of `python -m hera.export merge`, or "
    "convert_lora_to_gguf.py on an adapter"
)
"""How to get what writes the models that HERA does not."""


def architecture(ref: Ref, config: Any) -> str:
    """What llama.cpp calls the family of a model, "llama" or "gemma2".

    Args:
        ref: the model's, for an error.
        config: its config (a `PreTrainedConfig`).

    Raises:
        ModelError: of another family.
    """
    if config.model_type not in _ARCHITECTURES:
        raise ModelError(
            f"{ref.says}: a {config.model_type} model, and HERA writes GGUF of "
            f"{' and '.join(_ARCHITECTURES)} alone. {CONVERTER}."
        )
    return MODEL_ARCH_NAMES[_ARCHITECTURES[config.model_type]]


def tensor_name(config: Any, name: str) -> str | None:
    """llama.cpp's name of a parameter, as "model.layers.0.mlp.up_proj.weight"; None if none."""
    names = _names(_ARCHITECTURES[config.model_type], config.num_hidden_layers)
    return names.get_name(name, try_suffixes=(".weight",))


_names = lru_cache(maxsize=4)(get_tensor_name_map)  # made of every name of every layer


def in_order(config: Any, name: str, rows: np.ndarray) -> np.ndarray:
    """A parameter's rows [out, ...] in llama.cpp's order.

    It turns neighbours where transformers turns a head's two halves (RoPE), so the rows of a
    llama's queries and keys change places; other families keep transformers' order there too.
    """
    heads = {"q_proj": config.num_attention_heads, "k_proj": config.num_key_value_heads}
    count = heads.get(name.removesuffix(".weight").rpartition(".")[2])
    if count is None or config.model_type != "llama":
        return rows
    halves = rows.reshape(count, 2, -1, *rows.shape[1:])
    return halves.swapaxes(1, 2).reshape(rows.shape)
