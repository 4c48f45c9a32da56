"""Which layers did it: a token's likelihood with an adapter switched off part by part.

What a part is worth is by how much the token loses when it alone is silent, all else as it was: an
ablation (Meyes et al. 2019, arXiv:1901.08644). The parts' worths need not add up to the whole.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from hera.evaluation.records import Record
from hera.explain.comparison import Column
from hera.types import BASE, Change, Engine

CONTROLS = (1, 2, 3)
"""Random adapters of the same norm that are set beside it."""

_NUMBER = re.compile(r"\.(\d+)\.")


class Part(Record):
    """An adapted matrix."""

    layer: int
    """Its layer's number; -1 of one that belongs to none."""
    projection: str
    """Its name, as "q_proj"."""
    size: float
    """‖ΔW‖ / ‖W‖, of Frobenius norms."""
    worth: float | None = None
    """By how many nats the token is less likely without it; None while that is not known."""


class LayerMap(Record):
    """What each part of an adapter is worth to a token."""

    variant: str
    token: str
    logprob: float
    """Under the variant, natural log."""
    base: float
    """Under the base."""
    controls: tuple[float, ...]
    """Under random adapters that have the same norm in every layer."""
    parts: tuple[Part, ...]
    layers: dict[int, float]
    """What each layer is worth as a whole, as far as it is known."""
    projections: dict[str, float]
    """And each kind of projection, in all layers together."""

    @property
    def done(self) -> int:
        """Of how many parts the worth is known."""
        return sum(part.worth is not None for part in self.parts)


def layer_map(engine: Engine, column: Column, place: int) -> Iterator[LayerMap]:
    """The map for a token of an answer: the whole layers and projections first, then every part,
    layer by layer.

    Raises:
        UnsupportedError: the engine cannot.
        InputError: the column's variant is the base, or more than LoRA; no such place.
    """
    variant, whole = column.variant, column.whole
    changed = engine.changes(variant)
    paths = list(changed)
    known = parts_of(changed)
    names = [variant, BASE, *(_control(variant, number) for number in CONTROLS)]
    told = engine.token_logprobs(whole, names)
    at = len(engine.render(column.asked, variant)) + place
    full, base, *controls = (float(told[name].logprobs[at]) for name in names)
    found = LayerMap(
        variant=variant,
        token=told[variant].texts[at],
        logprob=full,
        base=base,
        controls=tuple(controls),
        parts=tuple(known),
        layers={},
        projections={},
    )
    layers = list(dict.fromkeys(part.layer for part in known))
    kinds = list(dict.fromkeys(part.projection for part in known))
    off = [[p for p, k in zip(paths, known, strict=True) if k.layer == layer] for layer in layers]
    off += [[p for p, k in zip(paths, known, strict=True) if k.projection == k_] for k_ in kinds]
    worth = [full - float(without) for without in engine.without(whole, variant, at, off)]
    found = found.model_copy(
        update={
            "layers": dict(zip(layers, worth, strict=False)),
            "projections": dict(zip(kinds, worth[len(layers) :], strict=True)),
        }
    )
    yield found
    for layer in layers:
        own = [k for k, part in enumerate(known) if part.layer == layer]
        lost = engine.without(whole, variant, at, [[paths[k]] for k in own])
        for k, without in zip(own, lost, strict=True):
            known[k] = known[k].model_copy(update={"worth": full - float(without)})
        found = found.model_copy(update={"parts": tuple(known)})
        yield found


def parts_of(changed: Mapping[str, Change]) -> list[Part]:
    """The matrices that an adapter changes (`Engine.changes`), each with its size."""
    return [
        Part(layer=_layer(p), projection=p.rpartition(".")[2], size=c.update / c.weight)
        for p, c in changed.items()
    ]


def _layer(path: str) -> int:
    number = _NUMBER.search(path)
    return int(number[1]) if number else -1


def _control(variant: str, number: int) -> str:
    """The variant with a random adapter in place of each of its adapters."""
    parts = (part.partition("@") for part in variant.split("+"))
    return "+".join(f"{name.partition('~')[0]}~{number}{at}{s}" for name, at, s in parts)
