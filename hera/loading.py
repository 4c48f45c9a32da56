"""From REFs to weights: a base, its tokenizer and its variants, or one clear error."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import torch
from transformers import AutoModelForCausalLM, AutoTokenizer, BitsAndBytesConfig
from transformers.utils.logging import disable_progress_bar

from hera.adapter_files import adapter_config, named_base
from hera.adapters import Own, attach, own_tables, read_adapter
from hera.attention import choose_attention
from hera.body import SMALL, Body
from hera.engine import BASE
from hera.errors import ConfigError, ModelError
from hera.foreign import Source, check_vocabulary, own_tokenizer, source
from hera.refs import EMBEDDED, EMBEDDED_DIR, cannot_load, check_name, place
from hera.variants import Rows, side_by_side

EMBEDDED_ADAPTERS = ("stage1", "stage2")
if not sys.stderr.isatty():
    disable_progress_bar()


@dataclass(frozen=True)
class Variant:
    """Which copy of the weights answers for a variant, and the tokenizer that it speaks through."""

    body: Body
    tokenizer: Any


@dataclass(frozen=True)
class Loaded:
    """All variants, "base" first; what whoever loaded them should know, a line each; and the REF
    that each variant's own weights lie at."""

    variants: dict[str, Variant]
    notes: tuple[str, ...]
    refs: dict[str, str]


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
    sources = {name: source(f"--adapter {name}=", ref, base) for name, ref in chosen.items()}
    variants: dict[str, Variant] = {}
    notes = [f"{name}: {s.note}" for name, s in sources.items() if s.note]
    for ref in dict.fromkeys([base, *(s.base for s in sources.values())]):
        mine = {name: s for name, s in sources.items() if s.base == ref}
        flag = "--model" if ref == base else _flag(mine, chosen)
        bits = 4 if four_bit else 16
        tokenizer, weights = load_base(ref, dtype=dtype, bits=bits, device=device, flag=flag)
        if ref != base:
            notes.append(_second_copy(list(mine), weights))
        body, tokenizers, more = _embody(tokenizer, weights, mine, dtype)
        notes += more
        if ref == base:
            variants[BASE] = Variant(body, tokenizer)
        variants |= {name: Variant(body, tokenizers[name]) for name in mine}
    for note in notes:
        _say(note)
    ordered = {name: variants[name] for name in (BASE, *chosen)}
    refs = {BASE: base} | {name: s.adapter or s.base for name, s in sources.items()}
    return Loaded(ordered, tuple(notes), refs)


def _embody(
    tokenizer: Any, weights: Any, sources: Mapping[str, Source], dtype: str
) -> tuple[Body, dict[str, Any], list[str]]:
    """A base with the adapters made for it; each variant's tokenizer; what there is to say."""
    whole, rows = weights, Rows()
    tokenizers: dict[str, Any] = dict.fromkeys(sources, tokenizer)
    own: dict[str, Own] = {}
    for name, ref in ((name, s.adapter) for name, s in sources.items() if s.adapter):
        tokenizers[name], whole, own[name] = _add(tokenizer, whole, name, f"--adapter {name}=", ref)
    if own:
        whole, rows = side_by_side(whole, own)
    scoring = whole.dtype
    if dtype == "auto" and has_bfloat16(whole.device.type):
        scoring = torch.bfloat16
    notes = [
        f"{name} has its own embeddings: {_millions(tables.count())}"
        for name, tables in own.items()
        if tables.count()
    ]
    return Body(whole.eval(), tokenizer.pad_token_id, rows, scoring), tokenizers, notes


def _add(tokenizer: Any, model: Any, name: str, flag: str, ref: str) -> tuple[Any, Any, Own]:
    """The adapter's tokenizer, the model with its LoRA part on it, and its own tables."""
    adapter = read_adapter(flag, ref)
    own = own_tokenizer(flag, ref, tokenizer)
    check_vocabulary(adapter, own, tokenizer, model.config.vocab_size)
    tables = own_tables(adapter, model)
    return own, attach(model, name, adapter), tables


def load_one(model: str, adapter: str) -> tuple[Any, Any, Own]:
    """(tokenizer, `PeftModel`, own tables) of one adapter on its base, in float32 on the CPU.

    Raises:
        ModelError: either is missing or broken, they were not made for each other, or the adapter
            is a full model.
    """
    if adapter_config(model, "--model") is not None:
        raise ModelError(f"--model {model}: an adapter. Give the base that it was made on.")
    found = source("--adapter", adapter, model)
    if found.adapter is None:
        raise ModelError(f"--adapter {adapter}: a full model, with nothing to merge.")
    flag = "--model"
    if found.base != model:
        flag = f"--adapter {adapter}, its base"
        _say(f"{adapter} was made on {found.base} and goes into that")
    if found.note:
        _say(f"{adapter}: {found.note}")
    tokenizer, weights = load_base(found.base, dtype="float32", device="cpu", flag=flag)
    return _add(tokenizer, weights, "merged", "--adapter", found.adapter)


def _flag(sources: Mapping[str, Source], refs: Mapping[str, str]) -> str:
    """What asked for a base that is not the served one."""
    name, first = next(iter(sources.items()))
    return f"--adapter {name}={'' if first.adapter is None else f'{refs[name]}, its base'}"


def _say(note: str) -> None:
    print(f"note: {note}.", file=sys.stderr)


def _second_copy(names: list[str], weights: Any) -> str:
    has, their = ("has", "its") if len(names) == 1 else ("have", "their")
    size = _millions(weights.num_parameters())
    return f"{', '.join(names)} {has} {their} own base: a second copy of the weights ({size})"


def _millions(parameters: int) -> str:
    return f"{parameters / 1e6:,.1f} million parameters"


def load_base(
    ref: str,
    *,
    dtype: str = "auto",
    bits: int = 16,
    device: str = "auto",
    flag: str = "--model",
    training: bool = False,
) -> tuple[Any, Any]:
    """(tokenizer, model) of a full model.

    Args:
        ref: what to load.
        dtype: "auto", "float32" or "bfloat16".
        bits: 8 or 4 quantize the linear layers (bitsandbytes).
        device: "auto", "cpu" or "cuda".
        flag: what asked for it, for the errors.
        training: whether attention is to be the one for long packed rows.

    Raises:
        ModelError: missing, broken, gated, or without a pad token or chat template to stand in.
        ConfigError: a device or dtype that cannot be served.
    """
    where, revision = place(ref, flag)
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
        raise ModelError(cannot_load(flag, ref, error)) from error
    if tokenizer.pad_token_id is None:
        tokenizer.pad_token = tokenizer.eos_token
    model: Any = weights
    if bits < 16:
        return tokenizer, model
    small = model.num_parameters() < SMALL
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
        return bool(torch.cuda.is_bf16_supported(including_emulation=False))
    return bool(torch.ops.mkldnn._is_mkldnn_bf16_supported())


def _resolve(model: str, adapters: Mapping[str, str] | None) -> tuple[str, dict[str, str]]:
    """The base's REF and the variants' REFs, with the defaults and an adapter REF taken apart."""
    chosen = dict(adapters or {})
    if model == EMBEDDED and adapters is None:
        chosen = {name: str(EMBEDDED_DIR / name) for name in EMBEDDED_ADAPTERS}
    config = adapter_config(model, "--model") if model != EMBEDDED else None
    if config is None:
        return model, chosen
    base = named_base(config)
    if base is None:
        raise ModelError(f"--model {model}: an adapter whose config names no base model.")
    return base, {"adapter": model, **chosen}


def add_adapter(model: Any, name: str, ref: str, *, trainable: bool = False) -> Any:
    """The model with one more adapter, as a `PeftModel`.

    Raises:
        ModelError: no adapter there, a broken one, one made for another base, or one that brings
            its own embeddings.
    """
    adapter = read_adapter("--adapter", ref)
    if adapter.own.count():
        raise ModelError(f"{adapter.says}: brings its own embeddings; only plain LoRA trains on.")
    return attach(model, name, adapter, trainable=trainable)
