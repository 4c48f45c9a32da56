"""One full model in memory, with its tokenizer, in the dtype and bits that its hardware takes."""

from __future__ import annotations

import json
import sys
from typing import Any

import torch
from transformers import AutoModelForCausalLM, AutoTokenizer, BitsAndBytesConfig
from transformers.utils.logging import disable_progress_bar

from hera.errors import ModelError, one_line
from hera.hub import answers
from hera.refs import Ref
from hera.weights.gguf import unpacked
from hera.weights.hardware import choose_attention, choose_device, choose_dtype
from hera.weights.measured import pace

# What the families call it; the first that a config has is right for it.
_WINDOWS = ("max_position_embeddings", "max_seq_len", "n_positions", "seq_length")


def load_base(
    ref: Ref,
    *,
    dtype: str = "auto",
    bits: int = 16,
    device: str = "auto",
    training: bool = False,
) -> tuple[Any, Any]:
    """(tokenizer, model) of a full model.

    Args:
        ref: what to load.
        dtype: "auto", "float32" or "bfloat16".
        bits: 8 or 4 quantize the linear layers (bitsandbytes).
        device: "auto", "cpu" or "cuda".
        training: whether attention is to be the one for long packed rows.

    Raises:
        ModelError: missing, broken, gated, or no full model.
        ConfigError: a device or dtype that cannot be served.
    """
    ref = unpacked(ref)
    _check_files(ref)
    if not sys.stderr.isatty():
        disable_progress_bar()
    where, revision = ref.pretrained()
    target = choose_device(device)
    options: dict[str, Any] = {
        "dtype": "auto",
        "use_safetensors": True,
        "attn_implementation": choose_attention(target, training=training),
    }
    if bits < 16:
        options["dtype"] = choose_dtype(dtype, target)
        options["quantization_config"] = quantization(bits, options["dtype"])
        options["device_map"] = target
    try:
        inside = "" if ref.unpacked else ref.subfolder
        # A silent Hub has said so already (`_check_files`), and would be waited for once a file.
        place = {"revision": revision, "subfolder": inside, "local_files_only": not answers()}
        tokenizer = AutoTokenizer.from_pretrained(where, **place)
        weights = AutoModelForCausalLM.from_pretrained(where, **place, **options)
    except Exception as error:  # transformers raises what its many loaders raise
        raise ref.cannot_load(error) from error
    if tokenizer.pad_token_id is None:
        tokenizer.pad_token = tokenizer.eos_token
    # Also where nobody trains: torch multiplies weights that might want a gradient in another way,
    # and a base would differ in its last bit from itself beside adapters, which freeze it.
    model: Any = weights.requires_grad_(False)
    if bits < 16 or getattr(model, "is_quantized", False):
        return tokenizer, model
    return tokenizer, model.to(target, _dtype(ref, model, dtype, target))


def _dtype(ref: Ref, model: Any, dtype: str, target: str) -> torch.dtype:
    if dtype != "auto" or target != "cpu":
        return choose_dtype(dtype, target)
    try:
        return choose_dtype(pace(model, dtype).dtype, target)
    except Exception as error:  # a family may fail in whatever way it likes
        kind = f"{ref.says}: a {model.config.model_type} model"
        raise ModelError(f"{kind}, which cannot be run ({one_line(error)}).") from error


def _check_files(ref: Ref) -> None:
    """Raises ModelError if what is there is no full model with a tokenizer: what is missing."""
    config = ref.file("config.json")
    if config is None:
        raise ModelError(f"{ref.says}: no config.json there, so it is no full model.")
    try:
        whole = isinstance(json.loads(config.read_text(encoding="utf-8")), dict)
    except (OSError, ValueError) as error:
        raise ref.cannot_load(error, config.name) from error
    if not whole:
        raise ModelError(f"{ref.says}: its config.json holds no object.")
    if not any(any(ref.folder().glob(name)) for name in ("*token*", "*.model", "vocab*")):
        raise ModelError(f"{ref.says}: no tokenizer there, such as tokenizer.json.")


def quantization(bits: int, compute: torch.dtype) -> BitsAndBytesConfig:
    """8 bits: LLM.int8 (Dettmers et al. 2022, arXiv:2208.07339). 4 bits: NormalFloat with double
    quantization (QLoRA, Dettmers et al. 2023, arXiv:2305.14314)."""
    if bits == 8:
        return BitsAndBytesConfig(load_in_8bit=True)
    return BitsAndBytesConfig(
        load_in_4bit=True,
        bnb_4bit_quant_type="nf4",
        bnb_4bit_use_double_quant=True,
        bnb_4bit_compute_dtype=compute,
    )


def bits_of(model: Any) -> int:
    """In how many bits a model's linear layers are kept."""
    for bits in (4, 8):
        if getattr(model, f"is_loaded_in_{bits}bit", False):
            return bits
    told = getattr(getattr(model.config, "quantization_config", None), "bits", None)
    return told if isinstance(told, int) else 8 * int(model.dtype.itemsize)


def window(config: Any) -> int:
    """How many tokens a model reads at most, by its config (a `PreTrainedConfig`).

    Some name none: positions by distance (Bloom) or none at all (Mamba) go on for ever.
    """
    text = config.get_text_config()
    named = (getattr(text, name, None) for name in _WINDOWS)
    return next((n for n in named if isinstance(n, int) and n > 0), sys.maxsize)


def pad_id(tokenizer: Any, model: Any) -> int:
    """What stands where a row has nothing, and is masked: any token that has an embedding, since
    some tokenizers have no padding token, or one that was added without growing the embeddings."""
    pad = tokenizer.pad_token_id
    return int(pad) if pad is not None and pad < len(model.get_input_embeddings().weight) else 0
