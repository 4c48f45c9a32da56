"""In which dtype, and on how many threads, a CPU decodes a model: measured when it is loaded.

A step of decoding reads all weights for one token. On a large model that is bound by memory, and
half the bytes and more threads help; a small one lies in the caches, and there its products are too
short to share. Where that turns is the machine's affair, so both are tried: single tokens go
through the model's own layers, as many as exceed the caches.

What stands without a measurement is what HERA took before there was one, and only a clear winner
takes its place, so that noise does not. A machine that is busy may still keep a model from all
threads, which would wait there for whatever else runs.
"""

from __future__ import annotations

import copy
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext
from functools import cached_property, partial
from math import inf
from statistics import median
from typing import Any, Protocol

import torch
from torch.utils._pytree import tree_map

from hera.types import Pace
from hera.weights.forward import Forward
from hera.weights.hardware import SMALL, THREADS, choose_dtype

Way = tuple[torch.dtype, int]
"""The weights' dtype, and how many threads decode."""
_Given = dict[torch.nn.Module, tuple[Any, Any]]
_Call = tuple[torch.nn.Module, Any, Any]

MARGIN = 1.15  # how many times as fast a challenger has to be, every time
ROUNDS = 7
QUICK = 0.01  # seconds a step: faster than anyone reads, nothing to gain
SLOWER = 1.5  # how many times as long a challenger may take to read a prompt
_PROMPT = 32  # tokens
_ENOUGH = 2**28  # bytes of layers in float32, more than most caches

_measured: dict[tuple[Any, ...], Pace] = {}


class Clock(Protocol):
    """What `choose` asks: seconds, measured anew at every call."""

    def step(self, way: Way, at_most: float = inf) -> float:
        """Of one step of decoding; over `at_most` it need not be exact."""

    def prompt(self, dtype: torch.dtype) -> float:
        """Of reading a short prompt, or a part of the model's share of it."""


def pace(model: Any, dtype: str) -> Pace:
    """How a model decodes best here.

    Models of the same shape are measured once a process: copies that are compared with each other
    are kept in one dtype.

    Args:
        model: any model of transformers.
        dtype: "auto", or the name of what the weights are in, which then stays.
    """
    cpu = model.device.type == "cpu"
    if not cpu or getattr(model, "is_quantized", False):
        return Pace(_name(model.dtype), 1 if cpu and model.num_parameters() < SMALL else None, {})
    key = (type(model), dtype, tuple(p.shape for p in model.parameters()))
    if key not in _measured:
        # In a thread of its own: where another decodes meanwhile, one that took part in `THREADS`
        # would go on with a single thread, and its sums would end in other bits.
        with ThreadPoolExecutor(1) as apart:
            measuring = apart.submit(_measure, model, dtype, torch.get_num_threads())
            _measured[key] = measuring.result()
    return _measured[key]


def choose(
    clock: Clock, stands: torch.dtype, challengers: Sequence[torch.dtype], threads: int
) -> tuple[Way, dict[str, float]]:
    """The way to decode, and how many times as fast what was tried beside it was.

    All threads have to be `MARGIN` times as fast as one in each of `ROUNDS` rounds, and so has a
    challenger beside what stands, without taking `SLOWER` times as long over a prompt: where
    bfloat16 is emulated it may decode faster and read many times slower.

    Args:
        clock: measures.
        stands: the dtype that is taken unless a challenger wins.
        challengers: other dtypes.
        threads: how many there are.
    """
    best = (stands, 1)
    tried: dict[str, float] = {}
    if min(clock.step(best) for _ in range(3)) < QUICK:
        return best, tried
    if threads > 1:
        won, ratio = _duel(clock, (stands, threads), best)
        tried[f"{threads} threads against one"] = ratio
        best = (stands, threads) if won else best
    for dtype in challengers:
        won, ratio = _duel(clock, (dtype, best[1]), best)
        ways = f"{_name(dtype)} against {_name(best[0])}"
        tried[ways] = ratio
        if won:
            tried[f"{ways} on a prompt"] = read = _reads(clock, dtype, best[0])
            best = (dtype, best[1]) if read * SLOWER > 1 else best
    return best, tried


def _duel(clock: Clock, challenger: Way, holder: Way) -> tuple[bool, float]:
    """Whether the challenger wins every round, and how many times as fast it is in the middle; the
    first round that it loses is the last."""
    ratios: list[float] = []
    while len(ratios) < ROUNDS and all(ratio > MARGIN for ratio in ratios):
        seconds = clock.step(holder)
        ratios.append(seconds / clock.step(challenger, at_most=2 * seconds))
    return min(ratios) > MARGIN, median(ratios)


def _reads(clock: Clock, dtype: torch.dtype, against: torch.dtype) -> float:
    """How many times as fast a prompt is read; the best of three."""
    return max(clock.prompt(against) / clock.prompt(dtype) for _ in range(3))


def _measure(model: Any, dtype: str, all_threads: int) -> Pace:
    stands = model.dtype
    if dtype == "auto":
        large = model.num_parameters() >= SMALL
        stands = choose_dtype("auto", "cpu") if large else torch.float32
    both = (torch.float32, torch.bfloat16) if dtype == "auto" else ()
    challengers = [other for other in both if other != stands]
    (best, threads), tried = choose(_Layers(model), stands, challengers, all_threads)
    return Pace(_name(best), threads if threads == 1 else None, tried)


class _Layers:
    """A `Clock`: single tokens, and a short prompt, through layers of the model in each dtype."""

    def __init__(self, model: Any) -> None:
        self._model = model
        with THREADS.one():
            self._token = _given(model, 1)
        self._layers = _first(list(self._token))
        # How many times as much the whole model is.
        self._whole: float = model.num_parameters() / max(1, sum(map(_count, self._layers)))
        self._kept: dict[torch.dtype, list[torch.nn.Module]] = {}

    def step(self, way: Way, at_most: float = inf) -> float:
        dtype, threads = way
        calls = self._calls(dtype, self._token)
        with THREADS.one() if threads == 1 else nullcontext():
            return self._whole * _seconds(calls, at_most / self._whole)

    def prompt(self, dtype: torch.dtype) -> float:
        with THREADS.one():
            calls = self._calls(dtype, self._prompt)[:2]
            return min(_seconds(calls) for _ in range(2))

    @cached_property
    def _prompt(self) -> _Given:
        return _given(self._model, _PROMPT)

    def _calls(self, dtype: torch.dtype, given: _Given) -> list[_Call]:
        """The layers in that dtype, copied where they are in another, with what they are given."""
        first = dtype not in self._kept
        if first:
            with THREADS.one():
                self._kept[dtype] = [_in(layer, dtype) for layer in self._layers]
        pairs = zip(self._kept[dtype], self._layers, strict=True)
        calls = [(kept, *tree_map(partial(_cast, dtype=dtype), given[own])) for kept, own in pairs]
        if first:  # warms up
            with THREADS.one():
                _seconds(calls)
        return calls


def _seconds(calls: Sequence[_Call], at_most: float = inf) -> float:
    """How long they take; what takes longer than `at_most` is judged by its first part."""
    began = time.perf_counter()
    seconds = 0.0
    with torch.inference_mode():
        for done, (layer, args, named) in enumerate(calls, start=1):
            layer(*args, **named)
            seconds = time.perf_counter() - began
            if seconds > at_most:
                return seconds * len(calls) / done
    return seconds


def _given(model: Any, tokens: int) -> _Given:
    """The layers of the model's longest stack, with what each is given for a text of so many
    tokens, positional and by name: a call of its own then needs to know nothing of its family."""
    stacks = [m for m in model.modules() if isinstance(m, torch.nn.ModuleList)]
    given: _Given = {}

    def note(layer: torch.nn.Module, args: Any, named: Any) -> None:
        given[layer] = (args, named)

    hooks = [m.register_forward_pre_hook(note, with_kwargs=True) for stack in stacks for m in stack]
    ids = torch.ones(1, tokens, dtype=torch.int64)
    try:
        with torch.inference_mode():
            Forward(model)(input_ids=ids, attention_mask=torch.ones_like(ids), use_cache=False)
    finally:
        for hook in hooks:
            hook.remove()
    read = [stack for stack in stacks if any(layer in given for layer in stack)]
    longest = max(read, key=_count, default=torch.nn.ModuleList())
    return {layer: given[layer] for layer in longest if layer in given}


def _first(layers: Sequence[torch.nn.Module]) -> list[torch.nn.Module]:
    """As many as are enough."""
    taken: list[torch.nn.Module] = []
    for layer in layers:
        if 4 * sum(map(_count, taken)) >= _ENOUGH:
            break
        taken.append(layer)
    return taken


def _in(layer: torch.nn.Module, dtype: torch.dtype) -> torch.nn.Module:
    if all(p.dtype == dtype for p in layer.parameters()):
        return layer
    return copy.deepcopy(layer).to(dtype)


def _cast(value: Any, dtype: torch.dtype) -> Any:
    floats = isinstance(value, torch.Tensor) and value.is_floating_point()
    return value.to(dtype) if floats else value


def _count(module: torch.nn.Module) -> int:
    return sum(p.numel() for p in module.parameters())


def _name(dtype: torch.dtype) -> str:
    return str(dtype).removeprefix("torch.")
