"""What goes wrong while answers are computed: who it concerns is told, everybody else is served."""

from __future__ import annotations

import threading

import pytest
import torch

from hera import GenerationParams, ModelError, load_engine
from hera.engine import pulse
from hera.engine.batch import Batch
from hera.engine.local import LocalEngine
from hera.types import BASE, Engine, Message

GREEDY = GenerationParams(max_new_tokens=24, temperature=0.0)
ASKED = ("My knee hurts after running.", "What is asthma?", "Hello", "I feel dizzy.")
MUCH = "Which foods lower cholesterol? " * 12


def ask(engine: Engine, variant: str, text: str) -> str:
    asked: list[Message] = [{"role": "user", "content": text}]
    return engine.answer({variant: asked}, GREEDY).texts[variant]


@pytest.fixture(scope="module")
def exact() -> LocalEngine:
    """In float32, where a sum's order does not decide a token."""
    engine = load_engine("embedded", dtype="float32")
    assert isinstance(engine, LocalEngine)
    return engine


def at_once(engine: Engine, texts: tuple[str, ...]) -> dict[str, str]:
    """Everybody's answer, or what they were told."""
    said: dict[str, str] = {}

    def visitor(text: str) -> None:
        try:
            said[text] = ask(engine, "stage2", text)
        except ModelError as error:
            said[text] = str(error)

    visitors = [threading.Thread(target=visitor, args=(text,)) for text in texts]
    for one in visitors:
        one.start()
    for one in visitors:
        one.join(timeout=60)
    return said


def test_without_memory_for_a_batch_each_is_answered_alone_and_one_too_large_is_told_so(
    exact: LocalEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    wanted = {text: ask(exact, "stage2", text) for text in ASKED}
    step, steps = Batch.step, [0]

    def poor(self: Batch) -> torch.Tensor | None:
        rows, columns = self._mask.shape
        if rows > 1:
            steps[0] += 1
        if rows > 1 and steps[0] > 3:
            raise RuntimeError("DefaultCPUAllocator: can't allocate memory: you tried 9 GB")
        if columns > 100:
            raise MemoryError
        return step(self)

    monkeypatch.setattr(Batch, "step", poor)
    said = at_once(exact, (*ASKED, MUCH))
    assert steps[0] > 3
    assert "not enough memory for this answer" in said.pop(MUCH)
    assert said == wanted
    monkeypatch.undo()
    assert ask(exact, "stage2", ASKED[0]) == wanted[ASKED[0]]


def test_where_the_thread_itself_fails_everybody_hears_it_and_the_next_are_served(
    exact: LocalEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    wanted, work = ask(exact, "stage2", ASKED[0]), exact._base.runner.turns

    def broken(*_: object) -> bool:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(work, "_fits", broken)
    said = at_once(exact, ASKED)
    assert set(said) == set(ASKED)
    assert all("No space left" in text for text in said.values())
    monkeypatch.undo()
    assert ask(exact, "stage2", ASKED[0]) == wanted


def test_one_variant_that_raises_in_the_middle_takes_no_other_with_it(
    exact: LocalEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    question: list[Message] = [{"role": "user", "content": ASKED[1]}]
    asked = dict.fromkeys(exact.variants, question)
    whole = exact.answer(asked, GREEDY)
    step, rows = Batch.step, exact._base.runner.rows

    def broken(self: Batch) -> torch.Tensor | None:
        if "stage1" in rows.names and self._mask.shape[1] > len(exact.render(asked[BASE])) + 4:
            raise ValueError("planted")
        return step(self)

    monkeypatch.setattr(Batch, "step", broken)
    *_, last = exact.stream(asked, GREEDY)
    assert last.failed == {"stage1": "Generation failed: planted."}
    assert last.tokens["stage1"] == 5
    assert whole.texts["stage1"].startswith(last.texts["stage1"])
    kept = {name: text for name, text in last.texts.items() if name != "stage1"}
    assert kept == {name: whole.texts[name] for name in kept}
    assert last.finished == {**whole.finished, "stage1": "failed"}


def test_a_step_that_never_ends_is_given_up(
    exact: LocalEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    goes_on = threading.Event()

    def hangs(self: Batch) -> torch.Tensor | None:
        goes_on.wait(60)
        raise ValueError("it hung")

    with monkeypatch.context() as planted:
        planted.setattr(Batch, "step", hangs)
        planted.setattr(pulse, "STILL", 0.3)
        planted.setattr(pulse, "_LOOK", 0.1)
        for waits in (
            lambda: ask(exact, "stage2", ASKED[0]),
            lambda: exact.label_logprobs([ASKED[0]], (" yes", " no"), ["base"]),
        ):
            with pytest.raises(ModelError, match=r"at one step for 0 minutes\. Restart HERA"):
                waits()
        goes_on.set()
    assert ask(exact, "stage2", ASKED[0])


@pytest.mark.parametrize("value", [torch.nan, torch.inf, -torch.inf])
def test_scores_that_are_no_numbers_are_an_error_that_names_the_variant(
    exact: LocalEngine, monkeypatch: pytest.MonkeyPatch, value: float
) -> None:
    step = Batch.step

    def lost(self: Batch) -> torch.Tensor | None:
        scores = step(self)
        return None if scores is None else torch.full_like(scores, value)

    monkeypatch.setattr(Batch, "step", lost)
    with pytest.raises(ModelError, match=r"^stage1 gave scores that are no numbers"):
        ask(exact, "stage1", ASKED[0])
