"""Which layers did it: a token's likelihood with an adapter switched off part by part.

What a part is worth is by how much the token loses when it alone is silent, all else as it was: an
ablation (Meyes et al. 2019, arXiv:1901.08644). The parts' worths need not add up to the whole.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, TypeVar

from pydantic import Field

from hera.evaluation.records import Record
from hera.explain.comparison import Column
from hera.types import BASE, Change, Engine

CONTROLS = (1, 2, 3)
"""Random adapters of the same norm that are set beside it."""

K = TypeVar("K")
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
    control_layers: dict[int, tuple[float, ...]] = Field(default_factory=dict)
    """What each layer is worth to the random adapters themselves, of which it is known."""
    control_projections: dict[str, tuple[float, ...]] = Field(default_factory=dict)
    """And each kind of projection."""

    @property
    def done(self) -> int:
        """Of how many parts the worth is known."""
        return sum(part.worth is not None for part in self.parts)

    @property
    def controls_done(self) -> int:
        """Of how many random adapters the layers' worth is known."""
        return min(map(len, self.control_layers.values()), default=0)


def layer_map(engine: Engine, column: Column, place: int) -> Iterator[LayerMap]:
    """The map for a token of an answer: the whole layers and projections first, then every part,
    layer by layer, and last the layers and projections of one random adapter after the other.

    Raises:
        UnsupportedError: the engine cannot.
        InputError: the column's variant is the base, or more than LoRA; no such place.
    """
    yield from _Mapping(engine, column, place).run()


class _Mapping:
    """What is switched off to make a map, and what that costs the token."""

    def __init__(self, engine: Engine, column: Column, place: int) -> None:
        self._engine = engine
        self._variant, self._whole = column.variant, column.whole
        self._at = len(engine.render(column.asked, column.variant)) + place
        changed = engine.changes(column.variant)
        self._paths = list(changed)
        self._parts = parts_of(changed)
        self._layers = list(dict.fromkeys(part.layer for part in self._parts))
        self._kinds = list(dict.fromkeys(part.projection for part in self._parts))

    def run(self) -> Iterator[LayerMap]:
        """See `layer_map`."""
        found = self._begun()
        layers, kinds = self._by_group(self._variant, found.logprob)
        found = found.model_copy(update={"layers": layers, "projections": kinds})
        yield found
        for layer in self._layers:
            self._learn_parts(layer, found.logprob)
            found = found.model_copy(update={"parts": tuple(self._parts)})
            yield found
        for number, control in zip(CONTROLS, found.controls, strict=True):
            layers, kinds = self._by_group(_control(self._variant, number), control)
            found = found.model_copy(
                update={
                    "control_layers": _appended(found.control_layers, layers),
                    "control_projections": _appended(found.control_projections, kinds),
                }
            )
            yield found

    def _begun(self) -> LayerMap:
        """The map with nothing switched off yet."""
        names = [self._variant, BASE, *(_control(self._variant, number) for number in CONTROLS)]
        told = self._engine.token_logprobs(self._whole, names)
        full, base, *controls = (float(told[name].logprobs[self._at]) for name in names)
        return LayerMap(
            variant=self._variant,
            token=told[self._variant].texts[self._at],
            logprob=full,
            base=base,
            controls=tuple(controls),
            parts=tuple(self._parts),
            layers={},
            projections={},
        )

    def _by_group(self, variant: str, full: float) -> tuple[dict[int, float], dict[str, float]]:
        """What each whole layer is worth to a variant with these matrices, and each kind."""
        layers = [[k for k, p in enumerate(self._parts) if p.layer == one] for one in self._layers]
        kinds = [[k for k, p in enumerate(self._parts) if p.projection == k_] for k_ in self._kinds]
        worth = self._worth(variant, full, layers + kinds)
        return (
            dict(zip(self._layers, worth, strict=False)),
            dict(zip(self._kinds, worth[len(layers) :], strict=True)),
        )

    def _learn_parts(self, layer: int, full: float) -> None:
        own = [k for k, part in enumerate(self._parts) if part.layer == layer]
        worth = self._worth(self._variant, full, [[k] for k in own])
        for k, nats in zip(own, worth, strict=True):
            self._parts[k] = self._parts[k].model_copy(update={"worth": nats})

    def _worth(self, variant: str, full: float, off: Sequence[Sequence[int]]) -> list[float]:
        """By how many nats the token is less likely without the parts of these places."""
        paths = [[self._paths[k] for k in places] for places in off]
        lost = self._engine.without(self._whole, variant, self._at, paths)
        return [full - float(without) for without in lost]


def _appended(before: Mapping[K, tuple[float, ...]], last: Mapping[K, float]) -> dict[K, Any]:
    """Every list with one more value."""
    return {key: (*before.get(key, ()), value) for key, value in last.items()}


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
