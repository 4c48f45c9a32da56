"""From REFs to all weights of an engine: every base once, the adapters made for it upon it."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import torch

from hera.errors import ModelError
from hera.refs import Ref, check_name, embedded_adapters
from hera.types import BASE
from hera.weights.adapters import Tables, attach, own_tables, read_adapter
from hera.weights.bases import load_base
from hera.weights.files import adapter_config, base_named_in
from hera.weights.hardware import scoring_dtype
from hera.weights.multi_lora import RowVariants, side_by_side
from hera.weights.sources import Source, source
from hera.weights.tokenizers import check_vocabulary, own_tokenizer


@dataclass(frozen=True)
class Copy:
    """One copy of weights: a base with the adapters made for it.

    `tokenizers` has an entry for each variant that it answers for; `scoring_dtype` is what long
    prompts are computed in, whatever the weights are kept in.
    """

    model: Any
    rows: RowVariants
    pad: int
    scoring_dtype: torch.dtype
    tokenizers: Mapping[str, Any]


@dataclass(frozen=True)
class Loaded:
    """All copies, that of the served base first; what whoever loaded them should know, a line each;
    and the REF that each variant's own weights lie at, "base" first."""

    copies: tuple[Copy, ...]
    notes: tuple[str, ...]
    refs: Mapping[str, Ref]


def load(
    model: Ref,
    adapters: Mapping[str, Ref] | None,
    *,
    dtype: str = "auto",
    four_bit: bool = False,
    device: str = "auto",
) -> Loaded:
    """Load what `hera.engine.load_engine` describes; raises as it does."""
    base, chosen = _resolve(model, adapters)
    for name in chosen:
        check_name(name)
    sources = {name: source(ref, base) for name, ref in chosen.items()}
    notes = [f"{name}: {s.note}" for name, s in sources.items() if s.note]
    copies = []
    for ref in dict.fromkeys([base, *(s.base for s in sources.values())]):
        made_for_it = {name: s for name, s in sources.items() if s.base == ref}
        bits = 4 if four_bit else 16
        tokenizer, weights = load_base(ref, dtype=dtype, bits=bits, device=device)
        if ref != base:
            notes.append(_second_copy(list(made_for_it), weights))
        copy, more = _copy(tokenizer, weights, made_for_it, dtype)
        if ref == base:
            copy = replace(copy, tokenizers={BASE: tokenizer, **copy.tokenizers})
        copies.append(copy)
        notes += more
    for note in notes:
        _say(note)
    refs = {BASE: base} | {name: s.adapter or s.base for name, s in sources.items()}
    return Loaded(tuple(copies), tuple(notes), refs)


def load_one(model: Ref, adapter: Ref) -> tuple[Any, Any, Tables]:
    """(tokenizer, `PeftModel`, own tables) of one adapter on its base, in float32 on the CPU.

    Raises:
        ModelError: either is missing or broken, they were not made for each other, or the adapter
            is a full model.
    """
    if adapter_config(model) is not None:
        raise ModelError(f"{model.says}: an adapter. Give the base that it was made on.")
    variant = source(adapter, model)
    if variant.adapter is None:
        raise ModelError(f"{adapter.says}: a full model, with nothing to merge.")
    if variant.base != model:
        _say(f"{adapter} was made on {variant.base} and goes into that")
    if variant.note:
        _say(f"{adapter}: {variant.note}")
    tokenizer, weights = load_base(variant.base, dtype="float32", device="cpu")
    return _add(tokenizer, weights, "merged", variant.adapter)


def _resolve(model: Ref, adapters: Mapping[str, Ref] | None) -> tuple[Ref, dict[str, Ref]]:
    """The base's REF and the variants' REFs, with the defaults and an adapter REF taken apart."""
    if model.is_embedded:
        return model, dict(embedded_adapters() if adapters is None else adapters)
    chosen = dict(adapters or {})
    config = adapter_config(model)
    if config is None:
        return model, chosen
    base = base_named_in(config, f"{model.says}, its base")
    if base is None:
        raise ModelError(f"{model.says}: an adapter whose config names no base model.")
    return base, {"adapter": model, **chosen}


def _copy(
    tokenizer: Any, weights: Any, sources: Mapping[str, Source], dtype: str
) -> tuple[Copy, list[str]]:
    """A base with the adapters made for it, and what there is to say of them."""
    whole, rows = weights, RowVariants()
    tokenizers: dict[str, Any] = dict.fromkeys(sources, tokenizer)
    tables: dict[str, Tables] = {}
    for name, ref in ((name, s.adapter) for name, s in sources.items() if s.adapter):
        tokenizers[name], whole, tables[name] = _add(tokenizer, whole, name, ref)
    if tables:
        whole, rows = side_by_side(whole, tables)
    scoring = scoring_dtype(dtype, whole.device.type, whole.dtype)
    notes = [
        f"{name} has its own embeddings: {_millions(own.count())}"
        for name, own in tables.items()
        if own.count()
    ]
    return Copy(whole.eval(), rows, tokenizer.pad_token_id, scoring, tokenizers), notes


def _add(tokenizer: Any, model: Any, name: str, ref: Ref) -> tuple[Any, Any, Tables]:
    """The adapter's tokenizer, the model with its LoRA part on it, and its own tables."""
    adapter = read_adapter(ref)
    own = own_tokenizer(ref, tokenizer)
    check_vocabulary(adapter, own, tokenizer, model.config.vocab_size)
    tables = own_tables(adapter, model)
    return own, attach(model, name, adapter), tables


def _say(note: str) -> None:
    print(f"note: {note}.", file=sys.stderr)


def _second_copy(names: list[str], weights: Any) -> str:
    has, their = ("has", "its") if len(names) == 1 else ("have", "their")
    size = _millions(weights.num_parameters())
    return f"{', '.join(names)} {has} {their} own base: a second copy of the weights ({size})"


def _millions(parameters: int) -> str:
    return f"{parameters / 1e6:,.1f} million parameters"
