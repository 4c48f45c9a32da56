"""Many at once on one copy of the weights: nobody's answer depends on who else is there."""

from __future__ import annotations

import threading
import time

import pytest

from hera import GenerationParams, load_engine
from hera.engine import turns
from hera.engine.decoding import Decoding
from hera.engine.local import LocalEngine
from hera.errors import BusyError, ModelError
from hera.refs import EMBEDDED_DIR
from hera.types import Engine, Message

GREEDY = GenerationParams(max_new_tokens=48, temperature=0.0)
ASKED = (
    "My knee hurts after running.",
    "What is asthma?",
    "I have had a headache for three days, it is worse in the morning and light hurts my eyes.",
    "Hello",
    "Which foods lower cholesterol? " * 20,
    "I feel dizzy when I stand up.",
    "My child has a rash and no fever, she is four years old and otherwise well.",
    "Thank you!",
)


def ask(text: str) -> list[Message]:
    return [{"role": "user", "content": text}]


def alone(engine: Engine, variant: str, text: str, params: GenerationParams = GREEDY) -> str:
    return engine.answer({variant: ask(text)}, params).texts[variant]


@pytest.fixture(scope="module")
def exact() -> LocalEngine:
    """In float32, where a sum's order does not decide a token."""
    engine = load_engine("embedded", dtype="float32")
    assert isinstance(engine, LocalEngine)
    return engine


def test_alone_in_company_and_joined_late_the_tokens_are_the_same(exact: LocalEngine) -> None:
    wanted = {text: alone(exact, "stage2", text) for text in ASKED}
    said: dict[str, str] = {}

    def visitor(late: float, text: str) -> None:
        time.sleep(late)
        said[text] = alone(exact, "stage2", text)

    visitors = [
        threading.Thread(target=visitor, args=(0.05 * late, text))
        for late, text in enumerate(ASKED)
    ]
    for one in visitors:
        one.start()
    for one in visitors:
        one.join()
    assert said == wanted


def test_a_variant_loaded_twice_draws_the_same_dice(exact: LocalEngine) -> None:
    stage2 = str(EMBEDDED_DIR / "stage2")
    engine = load_engine("embedded", {"one": stage2, "two": stage2}, dtype="float32")
    for seed in range(200):
        params = GenerationParams(max_new_tokens=12, temperature=0.7, seed=seed)
        said = engine.answer(dict.fromkeys(("one", "two"), ask(ASKED[seed % 8])), params).texts
        assert said["one"] == said["two"]
    params = GenerationParams(max_new_tokens=32, temperature=0.7, seed=3)
    compared = exact.answer(dict.fromkeys(exact.variants, ask(ASKED[0])), params).texts
    assert compared["stage2"] == alone(exact, "stage2", ASKED[0], params)


def test_a_reader_who_leaves_takes_nothing_from_those_who_stay(exact: LocalEngine) -> None:
    wanted = alone(exact, "stage1", ASKED[2])
    leaves = exact.stream({"base": ask(ASKED[1])}, GenerationParams(max_new_tokens=900, seed=1))
    next(leaves)
    stays = exact.stream({"stage1": ask(ASKED[2])}, GREEDY)
    next(stays)
    leaves.close()
    *_, last = stays
    assert last.texts["stage1"] == wanted


def test_scores_are_taken_between_steps_and_stay_what_they_are(exact: LocalEngine) -> None:
    prompts = [ask(text) for text in ASKED]
    wanted = exact.label_logprobs(prompts)
    long = exact.stream(
        {"base": ask("Hello")}, GenerationParams(max_new_tokens=900, temperature=2.0)
    )
    next(long)
    assert (exact.label_logprobs(prompts) == wanted).all()
    before = next(long).tokens["base"]
    assert next(long).tokens["base"] == before + 1
    long.close()


def decoding(visitor: str, tokens: int = 4) -> Decoding:
    params = GenerationParams(max_new_tokens=tokens, temperature=0.0)
    return Decoding(["base"], [[1, 2]], [[0]], params, visitor)


def test_what_does_not_fit_waits_and_visitors_take_turns(
    exact: LocalEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    work = exact._base.runner.turns
    monkeypatch.setattr(work, "_budget", 6)  # one request of two tokens and four more
    monkeypatch.setattr(turns, "WAITING", 4)
    order: list[str] = []

    def read(name: str, one: Decoding) -> None:
        one.column()
        order.append(name)
        while one.column() is not None:
            pass

    first = exact.stream({"base": ask("Hello")}, GenerationParams(max_new_tokens=300, seed=1))
    next(first)
    asked = {name: decoding(name[0]) for name in ("a1", "a2", "a3", "b1")}
    readers = [threading.Thread(target=read, args=pair) for pair in asked.items()]
    for one in asked.values():
        work.decode(one)
    with pytest.raises(BusyError, match=r"^4 requests are waiting already"):
        work.decode(decoding("c"))
    for reader in readers:
        reader.start()
    first.close()
    for reader in readers:
        reader.join(timeout=20)
    assert order == ["a1", "b1", "a2", "a3"]


def test_what_fails_reaches_its_own_readers_and_no_others(exact: LocalEngine) -> None:
    broken = decoding("a")
    broken.prompts = [[10**9]]
    exact._base.runner.turns.decode(broken)
    assert isinstance(error := (broken.column() or {})[0], ModelError)
    assert "Generation failed" in str(error)
    assert broken.column() is None
    assert alone(exact, "base", "Hello")
