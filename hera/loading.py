"""From REFs to weights: a base, its tokenizer and its adapters, or one clear error."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from peft import PeftModel
from transformers import AutoModelForCausalLM, AutoTokenizer, BitsAndBytesConfig
from transformers.utils.logging import disable_progress_bar

from hera.attention import choose_attention
from hera.engine import BASE
from hera.errors import ConfigError, HeraError, ModelError, one_line
from hera.refs import EMBEDDED, EMBEDDED_DIR, local_path, split_revision
from hera.variants import Rows, side_by_side

EMBEDDED_ADAPTERS = ("stage1", "stage2")
if not sys.stderr.isatty():
    disable_progress_bar()

_SMALL = 200_000_000  # parameters; measured on 2 CPU cores with AVX512-BF16
EMBEDDED_BASE = "hera/embedded"  # how the shipped adapters' configs name their base
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]*")


@dataclass(frozen=True)
class Loaded:
    """A base with its adapters side by side in it, and what says which row uses which.

    `scoring_dtype` is what long prompts are computed in, whatever the weights are kept in.
    """

    model: Any
    tokenizer: Any
    adapters: tuple[str, ...]
    rows: Rows
    scoring_dtype: torch.dtype


def load(
    model: str,
    adapters: Mapping[str, str] | None,
    *,
    dtype: str = "auto",
    four_bit: bool = False,
    device: str = "auto",
) -> Loaded:
    """Load what `hera.engine.load_engine` describes; raises as it does."""
    base, chosen = _resolve(model, adapters)
    for name in chosen:
        check_name(name)
    bits = 4 if four_bit else 16
    tokenizer, weights = load_base(base, dtype=dtype, bits=bits, device=device)
    whole: Any = weights
    for name, ref in chosen.items():
        whole = add_adapter(whole, name, ref)
    rows = Rows()
    if chosen:
        whole, rows = side_by_side(whole)
    scoring = whole.dtype
    if dtype == "auto" and has_bfloat16(whole.device.type):
        scoring = torch.bfloat16
    return Loaded(whole.eval(), tokenizer, tuple(chosen), rows, scoring)


def load_base(
    ref: str, *, dtype: str = "auto", bits: int = 16, device: str = "auto", training: bool = False
) -> tuple[Any, Any]:
    """(tokenizer, model) of a full model; `bits` of 8 or 4 quantize its linear layers.

    Raises:
        ModelError: missing, broken, gated, or without a pad token or chat template to stand in.
        ConfigError: a device or dtype that cannot be served.
    """
    where, revision = _place(ref, "--model")
    target = choose_device(device)
    options: dict[str, Any] = {
        "dtype": "auto",
        "use_safetensors": True,
        "attn_implementation": choose_attention(target, training=training),
    }
    if bits < 16:
        options["dtype"] = choose_dtype(dtype, target, small=False)
        options["quantization_config"] = quantization(bits, options["dtype"])
        options["device_map"] = target
    try:
        tokenizer = AutoTokenizer.from_pretrained(where, revision=revision)
        weights = AutoModelForCausalLM.from_pretrained(where, revision=revision, **options)
    except Exception as error:  # transformers raises what its many loaders raise
        raise ModelError(_cannot_load("--model", ref, error)) from error
    if tokenizer.pad_token_id is None:
        tokenizer.pad_token = tokenizer.eos_token
    model: Any = weights
    if bits < 16:
        return tokenizer, model
    small = model.num_parameters() < _SMALL
    return tokenizer, model.to(target, choose_dtype(dtype, target, small=small))


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


def choose_device(device: str) -> str:
    """ "cuda" where there is one and nobody said otherwise, else "cpu"."""
    if device == "auto":
        return "cuda" if torch.cuda.is_available() else "cpu"
    if device not in ("cpu", "cuda"):
        raise ConfigError(f"--device {device}: choose auto, cpu or cuda.")
    if device == "cuda" and not torch.cuda.is_available():
        raise ConfigError("--device cuda: torch sees no CUDA device here. Use cpu.")
    return device


def choose_dtype(dtype: str, device: str, *, small: bool) -> torch.dtype:
    """What the weights are kept in, unless named: bfloat16 where the hardware computes in it.

    A small model on a CPU stays in float32: one token at a time it decodes four times faster so
    (6M parameters), and evenly at 200M. `LocalEngine` scores its long prompts in bfloat16 even so.
    """
    named = {"float32": torch.float32, "bfloat16": torch.bfloat16}
    if dtype in named:
        return named[dtype]
    if dtype != "auto":
        raise ConfigError(f"--dtype {dtype}: choose auto, float32 or bfloat16.")
    if device == "cpu" and small:
        return torch.float32
    return torch.bfloat16 if has_bfloat16(device) else torch.float32


def has_bfloat16(device: str) -> bool:
    """Whether the hardware computes in bfloat16 rather than emulating it."""
    if device == "cuda":
        return bool(torch.cuda.is_bf16_supported())
    return bool(torch.ops.mkldnn._is_mkldnn_bf16_supported())


def check_name(name: str) -> None:
    """Raises ConfigError unless a variant may be called so."""
    if name == BASE or not _NAME.fullmatch(name):
        raise ConfigError(
            f"--adapter {name}=...: a variant's name is letters, digits, - and _, and not 'base'."
        )


def _resolve(model: str, adapters: Mapping[str, str] | None) -> tuple[str, dict[str, str]]:
    """The base's REF and the adapters' REFs, with the defaults and an adapter REF taken apart."""
    chosen = dict(adapters or {})
    if model == EMBEDDED and adapters is None:
        chosen = {name: str(EMBEDDED_DIR / name) for name in EMBEDDED_ADAPTERS}
    config = adapter_config(model, "--model") if model != EMBEDDED else None
    if config is None:
        return model, chosen
    base = config.get("base_model_name_or_path")
    if not base:
        raise ModelError(f"--model {model}: an adapter whose config names no base model.")
    return (EMBEDDED if base == EMBEDDED_BASE else base), {"adapter": model, **chosen}


def adapter_config(ref: str, flag: str) -> dict[str, Any] | None:
    """The adapter config behind a REF, or None if it is a full model (or a broken one)."""
    where, revision = _place(ref, flag)
    try:
        if Path(where).is_dir():
            path = Path(where) / "adapter_config.json"
            if not path.exists():
                return None
        else:
            from huggingface_hub import file_exists, hf_hub_download

            if not file_exists(where, "adapter_config.json", revision=revision):
                return None
            path = Path(hf_hub_download(where, "adapter_config.json", revision=revision))
        config = json.loads(path.read_text(encoding="utf-8"))
    except Exception as error:
        raise ModelError(_cannot_load(flag, ref, error)) from error
    return config if isinstance(config, dict) else {}


def _place(ref: str, flag: str) -> tuple[str, str | None]:
    """What `from_pretrained` takes: (folder or Hub id, revision)."""
    if ref == EMBEDDED:
        return str(EMBEDDED_DIR), None
    path = local_path(ref)
    if path is None:
        return split_revision(ref)
    if not path.is_dir():
        raise ModelError(
            f"{flag} {ref}: no such folder. Give 'embedded', a folder or a Hub id (owner/name)."
        )
    return str(path), None


def add_adapter(model: Any, name: str, ref: str, *, trainable: bool = False) -> Any:
    """The model with one more adapter, as a `PeftModel`.

    Raises:
        ModelError: no adapter there, a broken one, or one made for another base.
    """
    flag = f"--adapter {name}="
    if adapter_config(ref, flag) is None:
        raise ModelError(f"{flag}{ref}: no adapter_config.json there, so it is no PEFT adapter.")
    where, revision = _place(ref, flag)
    # The adapter computes in the base's dtype: mixed dtypes would cast every activation twice.
    options: dict[str, Any] = {
        "revision": revision,
        "autocast_adapter_dtype": False,
        "is_trainable": trainable,
    }
    try:
        if isinstance(model, PeftModel):
            model.load_adapter(where, adapter_name=name, **options)
            return model
        return PeftModel.from_pretrained(model, where, adapter_name=name, **options)
    except HeraError:
        raise
    except Exception as error:
        raise ModelError(_cannot_load(flag, ref, error)) from error


def _cannot_load(flag: str, ref: str, error: Exception) -> str:
    text = one_line(error)
    mismatch = re.search(
        r"size mismatch for (\S+): .*?(torch\.Size\(\S+?\]\)).*?(torch\.Size\(\S+?\]\))",
        str(error),
        re.S,
    )
    if mismatch:
        text = f"made for another base: {mismatch[1]} is {mismatch[2]} there, {mismatch[3]} here"
    if _is_gated(error):
        repo = split_revision(ref)[0]
        return (
            f"{flag}{'' if flag.endswith('=') else ' '}{ref}: the model is gated. Open "
            f"https://huggingface.co/{repo}, click 'Acknowledge license', then set HF_TOKEN to a "
            "token from https://huggingface.co/settings/tokens."
        )
    return f"{flag}{'' if flag.endswith('=') else ' '}{ref}: cannot be loaded ({text})."


def _is_gated(error: BaseException | None) -> bool:
    """Whether the Hub refused for want of an accepted licence, however deep transformers hid it."""
    while error is not None:
        text = str(error)
        if "Gated" in type(error).__name__ or "gated repo" in text or "401" in text:
            return True
        error = error.__cause__ or error.__context__
    return False
