"""What is loaded and what it scores: for whoever asks "what am I talking to?", and for whoever
serves it and asks "is it what I meant?"."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Literal

from hera.errors import InputError, ModelError, UnsupportedError
from hera.evaluation.provenance import machine
from hera.explain.layers import Part, parts_of
from hera.explain.receipt import whole_norm
from hera.explain.selftest import Check
from hera.explain.sheet import cards
from hera.explain.sheet.cards import Read, card_of
from hera.explain.sheet.order import Order, folder, public
from hera.explain.sheet.records import Card, Lora, Memory, Running, Sheet, Unknown, Variant
from hera.explain.sheet.scores import scores_of, training_of
from hera.explain.sheet.snippets import snippets
from hera.refs import Ref
from hera.types import BASE, Engine, Held
from hera.weights.files import adapter_config

_UNKNOWN: tuple[Unknown, ...] = ("weights", "memory", "training", "changes")


def sheet(
    engine: Engine,
    order: Order,
    checks: Sequence[Check] = (),
    notes: Sequence[str] = (),
    *,
    no_norms: str | None = None,
) -> Sheet:
    """All that is known of what an engine serves.

    Args:
        engine: what serves.
        order: what was asked of it.
        checks: what its self-test found.
        notes: what whoever uses it should know.
        no_norms: why no norms are to be computed; None to compute them.
    """
    unread: list[str] = []
    refs = {name: order.ref(name, held.ref) for name, held in engine.held.items() if held.local}
    read = {name: card_of(ref, unread) for name, ref in refs.items()}
    variants = [_variant(engine, name, refs, read, no_norms, unread) for name in engine.variants]
    local = bool(refs)
    return Sheet(
        running=_running(engine, order),
        variants=tuple(variants),
        checks=tuple(checks),
        notes=(*notes, *dict.fromkeys(unread)),
        cards=_cards(read),
        snippets=snippets(engine, order, variants),
        unknown=() if local else (*_UNKNOWN, *(("window",) if engine.window is None else ())),
    )


def memory(engine: Engine) -> Memory | None:
    """What an engine takes now."""
    taken = engine.memory
    return None if taken is None else Memory(used=taken.used, peak=taken.peak, place=taken.place)


def _running(engine: Engine, order: Order) -> Running:
    here, held = machine(), engine.held.get(BASE)
    return Running(
        engine=_engine(order),
        device=engine.device,
        bits=held.bits if held else None,
        dtype=engine.pace.dtype if engine.pace else None,
        scoring=engine.dtype,
        threads=_threads(engine),
        window=engine.window,
        memory=memory(engine),
        hera=here.hera,
        commit=here.git_commit,
        python=here.python,
        platform=here.platform,
        versions=here.versions | _gradio(),
    )


def _engine(order: Order) -> Literal["transformers", "llama_cpp", "server"]:
    if order.server is not None:
        return "server"
    return "llama_cpp" if order.engine == "llama.cpp" else "transformers"


def _threads(engine: Engine) -> int | None:
    """On a CPU, of an engine that says how it decodes."""
    if engine.pace is None or engine.device != "cpu":
        return None
    import torch

    return engine.pace.threads or torch.get_num_threads()


def _gradio() -> dict[str, str]:
    """The page's version, where there is a page."""
    try:
        return {"gradio": version("gradio")}
    except PackageNotFoundError:  # not everything needs it
        return {}


def _variant(
    engine: Engine,
    name: str,
    refs: Mapping[str, Ref],
    read: Mapping[str, Read | None],
    no_norms: str | None,
    unread: list[str],
) -> Variant:
    held, ref, card = engine.held.get(name), refs.get(name), read.get(name)
    place = folder(ref) if ref else None
    training = training_of(place, unread)
    prints = engine.fingerprints
    kind = _kind(name, held)
    lora = _lora(ref) if ref and kind == "adapter" else None
    parts, norm, why = _norms(engine, name, no_norms) if lora else ((), None, None)
    # The one that lies with adapters may tell of their base too.
    told = card or (next(filter(None, read.values()), None) if name == BASE else None)
    scores = scores_of(name, prints.get(name), place, told, training, unread)
    return Variant(
        name=name,
        kind=kind,
        ref=public(ref) if ref else held.ref if held else None,
        base=_base(held),
        parameters=held.parameters if held else None,
        bits=held.bits if held else None,
        sha256=prints.get(name),
        trained_on=training.base_sha256 if training else None,
        licence=cards.licence(ref, card) if ref else None,
        lora=lora,
        norm=norm,
        parts=parts,
        no_norm=why,
        training=training,
        scores=tuple(scores),
    )


def _kind(name: str, held: Held | None) -> Literal["base", "adapter", "model"]:
    if name == BASE:
        return "base"
    return "model" if held and held.local and held.base is None else "adapter"


def _base(held: Held | None) -> str | None:
    return None if held is None or held.base is None else public(Ref.of(held.base, ""))


def _lora(ref: Ref) -> Lora | None:
    config = adapter_config(ref)
    if config is None:
        return None
    targets = config.get("target_modules")
    kinds: Sequence[tuple[str, Literal["DoRA", "rsLoRA"]]] = (
        ("use_dora", "DoRA"),
        ("use_rslora", "rsLoRA"),
    )
    return Lora(
        kind=next((kind for key, kind in kinds if config.get(key)), "LoRA"),
        rank=int(config["r"]),
        alpha=float(config["lora_alpha"]),
        dropout=float(config.get("lora_dropout") or 0.0),
        targets=(targets,) if isinstance(targets, str) else tuple(sorted(targets or ())),
    )


def _norms(
    engine: Engine, name: str, no_norms: str | None
) -> tuple[tuple[Part, ...], float | None, str | None]:
    """How much every matrix is changed, and all together; or why that is not known."""
    if no_norms is not None:
        return (), None, no_norms
    try:
        changed = engine.changes(name)
    except (InputError, ModelError, UnsupportedError) as error:
        return (), None, str(error)
    return tuple(parts_of(changed)), whole_norm(changed.values()), None


def _cards(read: Mapping[str, Read | None]) -> tuple[Card, ...]:
    """Each once, with the variants that it lies with."""
    of: dict[Path, tuple[Read, list[str]]] = {}
    for name, card in read.items():
        if card is not None:
            of.setdefault(card.path, (card, []))[1].append(name)
    return tuple(cards.card(card, tuple(names)) for card, names in of.values())
