"""From REFs to all weights of an engine: every base once, the adapters made for it upon it."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import torch

from hera.cli import keep_few_kernels
from hera.errors import HeraError, ModelError, one_line
from hera.refs import Ref, check_name, shipped_adapters
from hera.types import BASE, Pace
from hera.weights.adapters import attach, check_biases, read_adapter
from hera.weights.bases import bits_of, load_base, pad_id
from hera.weights.conversion import on_true_base
from hera.weights.files import adapter_config, base_named_in
from hera.weights.gguf import unpacked
from hera.weights.hardware import scoring_dtype
from hera.weights.measured import pace
from hera.weights.multi_lora import Own, RowVariants, side_by_side
from hera.weights.probe import check_answers, check_rows, check_same, probe
from hera.weights.sources import Source, source
from hera.weights.tables import own_tables
from hera.weights.tokenizers import check_template, check_vocabulary, own_tokenizer
from hera.weights.updates import updates_of


@dataclass(frozen=True)
class Copy:
    """One copy of weights: a base with the adapters made for it.

    `tokenizers` has an entry for each variant that it answers for, `vocabularies` how many token
    ids each has embeddings for; `low_rank` names those that can be had at any strength;
    `scoring_dtype` is what long prompts are computed in, whatever the
    weights are kept in, and `pace` how it decodes; `parameters` and `bits` are the base's own.
    """

    model: Any
    rows: RowVariants
    pad: int
    scoring_dtype: torch.dtype
    pace: Pace
    tokenizers: Mapping[str, Any]
    vocabularies: Mapping[str, int]
    low_rank: frozenset[str]
    parameters: int
    bits: int


@dataclass(frozen=True)
class Loaded:
    """All copies, that of the served base first; what whoever loaded them should know, a line each;
    the REF that each variant's own weights lie at, "base" first; and that of the base beneath them,
    None of a full model."""

    copies: tuple[Copy, ...]
    notes: tuple[str, ...]
    refs: Mapping[str, Ref]
    bases: Mapping[str, Ref | None]


def load(
    model: Ref,
    adapters: Mapping[str, Ref] | None,
    *,
    dtype: str = "auto",
    four_bit: bool = False,
    device: str = "auto",
    own_base: bool = False,
    leave_out_broken: bool = False,
) -> Loaded:
    """Load what `hera.engine.load_engine` describes; raises as it does."""
    keep_few_kernels()
    base, chosen = _resolve(model, adapters)
    broken = Broken(leave_out_broken)
    sources = {BASE: Source(base, None)}
    for name, ref in chosen.items():
        check_name(name)
        with broken.noted(name):
            sources[name] = source(ref, base, own_base=own_base)
    notes = [f"{name}: {s.note}" for name, s in sources.items() if s.note]
    copies = []
    for ref in dict.fromkeys(s.base for s in sources.values()):
        made_for_it = {name: s for name, s in sources.items() if s.base == ref}
        with broken.noted(*(made_for_it if ref != base else ())):
            bits = 4 if four_bit else 16
            tokenizer, weights = load_base(ref, dtype=dtype, bits=bits, device=device)
            check_template(ref, tokenizer)
            check_rows(ref, tokenizer, weights)
            size = weights.num_parameters()
            copy, more = _copy(tokenizer, weights, made_for_it, dtype, broken)
            answering = [name for name in made_for_it if name in copy.tokenizers]
            if not answering:
                continue
            copies.append(copy)
            if mute := [name for name in answering if not copy.tokenizers[name].chat_template]:
                notes.append(_without_template(mute))
            if ref != base:
                notes.append(_second_copy(answering, size))
            notes += more
    notes += broken.notes
    for note in notes:
        _say(note)
    served = {name: s for name, s in sources.items() if name not in broken.names}
    refs = {name: s.adapter or s.base for name, s in served.items()}
    bases = {name: s.base if s.adapter else None for name, s in served.items()}
    return Loaded(tuple(copies), tuple(notes), refs, bases)


class Broken:
    """The variants that cannot be served: the first is raised, or all are left out and noted."""

    def __init__(self, leave_out: bool) -> None:
        self.leave_out = leave_out
        self.names: set[str] = set()
        self.notes: list[str] = []

    @contextmanager
    def noted(self, *names: str) -> Iterator[None]:
        """Within, an error is about these variants, if about any."""
        try:
            yield
        except Exception as error:  # a broken file makes libraries raise whatever they like
            if not names or not self.leave_out:
                raise
            self.names |= set(names)
            self.notes.append(f"{', '.join(names)} left out: {_why(error)}")


def load_one(model: Ref, adapter: Ref) -> tuple[Any, Any, Own]:
    """(tokenizer, `PeftModel`, what it brings) of one adapter on its base, in float32 on the CPU.

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
    added = _add(tokenizer, weights, "merged", variant.adapter)
    return added.tokenizer, added.model, added.own


def _resolve(model: Ref, adapters: Mapping[str, Ref] | None) -> tuple[Ref, dict[str, Ref]]:
    """The base's REF and the variants' REFs, with the defaults and an adapter REF taken apart."""
    chosen = dict(shipped_adapters(model) if adapters is None else adapters)
    model = unpacked(model)
    config = adapter_config(model)
    if config is None:
        return model, chosen
    base = base_named_in(config, f"{model.says}, its base")
    if base is None:
        raise ModelError(f"{model.says}: an adapter whose config names no base model.")
    return base, {"adapter": model, **chosen}


def _copy(
    tokenizer: Any, weights: Any, sources: Mapping[str, Source], dtype: str, broken: Broken
) -> tuple[Copy, list[str]]:
    """A base with the adapters made for it, and what there is to say of them."""
    adapters = {name: s.adapter for name, s in sources.items() if s.adapter}
    whole, rows, added = weights, RowVariants(), dict[str, _Added]()
    decodes = pace(weights, dtype)  # before anything is put on the layers
    parameters = weights.num_parameters()
    vocabulary, pad = _vocabulary(weights), pad_id(tokenizer, weights)
    if adapters:
        whole, rows, added = _beside(tokenizer, weights, adapters, broken)
    itself = [name for name, s in sources.items() if s.adapter is None]
    notes = [
        f"{name} has its own embeddings: {_millions(one.own.tables.count())}"
        for name, one in added.items()
        if one.own.tables.count()
    ]
    copy = Copy(
        model=whole.eval(),
        rows=rows,
        pad=pad,
        scoring_dtype=scoring_dtype(dtype, whole.device.type, whole.dtype),
        pace=decodes,
        tokenizers=dict.fromkeys(itself, tokenizer) | {n: a.tokenizer for n, a in added.items()},
        vocabularies=dict.fromkeys(itself, vocabulary)
        | {n: a.vocabulary for n, a in added.items()},
        low_rank=frozenset(n for n, a in added.items() if a.own.is_low_rank),
        parameters=parameters,
        bits=bits_of(weights),
    )
    return copy, notes


def _beside(
    tokenizer: Any, weights: Any, adapters: Mapping[str, Ref], broken: Broken
) -> tuple[Any, RowVariants, dict[str, _Added]]:
    """The base with its adapters side by side, still to the bit the base."""
    before = probe(tokenizer, weights, RowVariants())
    whole = weights
    added: dict[str, _Added] = {}
    for name, ref in adapters.items():
        with broken.noted(name):
            added[name] = _add(tokenizer, whole, name, ref)
            whole = added[name].model
    # Also where none is left: what PEFT has put on the base for a broken one comes off again.
    whole, rows = side_by_side(whole, {name: one.own for name, one in added.items()})
    check_same(before, probe(tokenizer, whole, rows), added)
    for name, one in list(added.items()):
        with broken.noted(name):
            check_answers(one.tokenizer, whole, rows, name, adapters[name])
    return whole, rows, {name: one for name, one in added.items() if name not in broken.names}


@dataclass(frozen=True)
class _Added:
    """One adapter's tokenizer with how many ids it has embeddings for, the model with its low-rank
    part on it, and what it brings."""

    tokenizer: Any
    vocabulary: int
    model: Any
    own: Own


def _add(tokenizer: Any, model: Any, name: str, ref: Ref) -> _Added:
    adapter = on_true_base(read_adapter(ref), model)
    speaks = own_tokenizer(ref, tokenizer)
    check_template(ref, speaks)
    tables = own_tables(adapter, model)
    rows = check_vocabulary(ref, tables, speaks, tokenizer, _vocabulary(model))
    check_biases(adapter, model)
    whole = attach(model, name, adapter)
    own = Own(tables, updates_of(whole, name, ref), adapter.biases)
    return _Added(speaks, rows, whole, own)


def _vocabulary(model: Any) -> int:
    """How many token ids the base has embeddings for."""
    return len(model.get_input_embeddings().weight)


def _say(note: str) -> None:
    print(f"note: {note}.", file=sys.stderr)


def _why(error: Exception) -> str:
    if isinstance(error, HeraError):
        return str(error).removesuffix(".")
    return f"cannot be loaded ({type(error).__name__}: {one_line(error)})"


def _without_template(names: list[str]) -> str:
    has, are = ("has", "is") if len(names) == 1 else ("have", "are")
    return (
        f"{', '.join(names)} {has} no chat template and {are} given raw text: the turns of a "
        "conversation with an empty line between them"
    )


def _second_copy(names: list[str], parameters: int) -> str:
    has, their = ("has", "its") if len(names) == 1 else ("have", "their")
    size = _millions(parameters)
    return f"{', '.join(names)} {has} {their} own base: a second copy of the weights ({size})"


def _millions(parameters: int) -> str:
    return f"{parameters / 1e6:,.1f} million parameters"
