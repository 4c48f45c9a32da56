"""In which dtype and on how many threads a model decodes: what is made of given timings, and of the
embedded model."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from itertools import cycle
from math import inf
from pathlib import Path

import pytest
import torch

from hera import load_engine
from hera.refs import Ref
from hera.weights import measured
from hera.weights.bases import load_base
from hera.weights.hardware import THREADS
from hera.weights.measured import ROUNDS, Way, choose
from tests.doubles import families

F, B = torch.float32, torch.bfloat16
ONE, ALL = (F, 1), (F, 8)


class Timings:
    """A clock that tells what the test lets it tell, each way's seconds in turn."""

    def __init__(
        self,
        steps: Mapping[Way, float | list[float]],
        prompts: Mapping[torch.dtype, float] | None = None,
    ) -> None:
        self._steps = {w: cycle(s if isinstance(s, list) else [s]) for w, s in steps.items()}
        self._prompts = prompts or {F: 1.0, B: 1.0}
        self.asked: list[Way] = []

    def step(self, way: Way, at_most: float = inf) -> float:
        self.asked.append(way)
        return next(self._steps[way])

    def prompt(self, dtype: torch.dtype) -> float:
        return self._prompts[dtype]


@pytest.mark.parametrize(
    ("steps", "chosen"),
    [
        ({ONE: 0.1, ALL: 0.1, (B, 1): 0.1}, ONE),
        ({ONE: 0.1, ALL: 0.03, (B, 8): 0.03}, ALL),
        ({ONE: 0.1, ALL: 0.2, (B, 1): 0.05}, (B, 1)),
        ({ONE: 0.1, ALL: 0.03, (B, 8): 0.02}, (B, 8)),
        ({ONE: 0.1, ALL: 0.088, (B, 1): 0.088}, ONE),  # within the margin
        ({ONE: 0.1, ALL: 0.086, (B, 8): 0.08}, ALL),
    ],
)
def test_the_clearly_fastest_way_is_taken(steps: Mapping[Way, float], chosen: Way) -> None:
    assert choose(Timings(steps), F, [B], 8)[0] == chosen


def test_one_lost_round_is_enough_to_stay() -> None:
    busy = [0.05] * (ROUNDS - 1) + [0.1]
    assert choose(Timings({ONE: 0.1, (B, 1): busy}), F, [B], 1)[0] == ONE
    assert choose(Timings({ONE: 0.1, (B, 1): 0.05}), F, [B], 1)[0] == (B, 1)


def test_a_dtype_that_reads_prompts_many_times_slower_is_not_taken() -> None:
    steps: dict[Way, float] = {ONE: 0.1, (B, 1): 0.05}
    emulated = Timings(steps, {F: 1.0, B: 5.0})
    way, tried = choose(emulated, F, [B], 1)
    assert way == ONE
    assert tried == {"bfloat16 against float32": 2.0, "bfloat16 against float32 on a prompt": 0.2}
    assert choose(Timings(steps, {F: 1.0, B: 1.4}), F, [B], 1)[0] == (B, 1)


def test_what_is_quick_anyway_is_not_tried_in_other_ways() -> None:
    quick = Timings({ONE: 0.004, ALL: 0.001, (B, 1): 0.001})
    assert choose(quick, F, [B], 8) == (ONE, {})
    assert set(quick.asked) == {ONE}


def test_a_large_model_stays_in_bfloat16_unless_float32_is_clearly_faster() -> None:
    assert choose(Timings({(B, 1): 0.1, ONE: 0.09}), B, [F], 1)[0] == (B, 1)
    assert choose(Timings({(B, 1): 0.1, ONE: 0.02}), B, [F], 1)[0] == ONE


def test_the_embedded_model_decodes_in_float32_with_one_thread() -> None:
    _, model = load_base(Ref.of("embedded"), device="cpu")
    assert model.dtype == F
    paces = []
    for _ in range(5):
        measured._measured.clear()
        paces.append(measured.pace(model, "auto"))
    assert {(pace.dtype, pace.threads) for pace in paces} == {("float32", 1)}


def test_whoever_loads_while_another_decodes_keeps_its_threads() -> None:
    """With fewer of them its scores would end in other bits."""
    measured._measured.clear()
    decodes, over = threading.Event(), threading.Event()

    def decode() -> None:
        with THREADS.one():
            decodes.set()
            over.wait()

    before = torch.get_num_threads()
    torch.set_num_threads(2)
    other = threading.Thread(target=decode)
    other.start()
    decodes.wait()
    try:
        load_base(Ref.of("embedded"), device="cpu")
    finally:
        over.set()
        other.join()
        left = torch.get_num_threads()
        torch.set_num_threads(before)
    assert left == 2


def test_the_engine_tells_how_it_decodes() -> None:
    engine = load_engine("embedded", {}, device="cpu")
    assert engine.pace is not None
    assert (engine.pace.dtype, engine.pace.threads) == ("float32", 1)
    assert engine.pace.choice == "decodes in float32 with one thread"


def test_a_named_dtype_stays_whatever_is_faster(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(measured, "QUICK", 0.0)  # so that all is tried that may be
    measured._measured.clear()
    engine = load_engine("embedded", {}, dtype="bfloat16", device="cpu")
    measured._measured.clear()
    assert engine.pace is not None
    assert engine.pace.dtype == engine.dtype == "bfloat16"
    assert not any("float32" in ways for ways in engine.pace.tried)


def test_copies_of_one_shape_are_measured_once(monkeypatch: pytest.MonkeyPatch) -> None:
    first = load_base(Ref.of("embedded"), device="cpu")[1]
    monkeypatch.setattr(measured, "_Layers", None)  # measuring again would fail
    again = load_base(Ref.of("embedded"), device="cpu")[1]
    assert again.dtype == first.dtype


@pytest.mark.parametrize("family", sorted(families.CONFIGS))
def test_every_family_is_tried_in_both_dtypes(
    family: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its layers take what they were seen to be given, in a dtype that is not the model's, too."""
    asked = []
    steps = measured._Layers.step

    def step(clock: measured._Layers, way: Way, at_most: float = inf) -> float:
        asked.append(way[0])
        assert 0 < clock.prompt(way[0]) < inf
        return steps(clock, way, at_most)

    monkeypatch.setattr(measured, "QUICK", 0.0)
    monkeypatch.setattr(measured._Layers, "step", step)
    measured._measured.clear()
    ref = Ref.of(str(families.base(family, tmp_path / "base")))
    _, model = load_base(ref, device="cpu")
    measured._measured.clear()
    assert set(asked) == {F, B}
    assert model.dtype in (F, B)
