"""The receipt of a column: its weights, its numbers, and whether the answer is its own."""

from __future__ import annotations

import math

import pytest

from hera.explain.comparison import Column, Comparison, Turn
from hera.explain.receipt import receipt
from hera.explain.tokens import scored
from hera.types import Engine, GenerationParams, Message
from tests.doubles.engine import FakeEngine

ASKED: list[Message] = [
    {"role": "user", "content": "I have a throbbing headache on one side. What should I do?"}
]
SUM = "stage1+stage2~2@0.5"


@pytest.fixture(scope="module")
def columns(engine: Engine) -> dict[str, Column]:
    """Greedy answers; that of stage2 is cut, the base's ends."""
    asked = dict.fromkeys(("base", "stage2", SUM), ASKED)
    params = GenerationParams(64, temperature=0.0)
    step = engine.answer(asked, params)
    whole = Comparison.begun(engine.name, asked, params).at(step, dict.fromkeys(asked, 20.0))
    return {column.variant: scored(engine, column) for column in whole.columns}


def test_weights_and_numbers(engine: Engine, columns: dict[str, Column]) -> None:
    base, on_it = (receipt(engine, columns[name], greedy=True) for name in ("base", SUM))
    prints = engine.fingerprints
    assert [part.sha256 for part in base.weights] == [prints["base"][:12]]
    assert [(part.name, part.sha256, part.strength, part.control) for part in on_it.weights] == [
        ("base", prints["base"][:12], None, 0),
        ("stage1", prints["stage1"][:12], 1.0, 0),
        ("stage2", prints["stage2"][:12], 0.5, 2),
    ]
    changed = engine.changes("stage2").values()
    norm = math.sqrt(sum(c.update**2 for c in changed) / sum(c.weight**2 for c in changed))
    assert on_it.weights[2].norm == pytest.approx(norm)
    assert (base.divergence, base.rate, base.missing) == (0.0, 20.0, ())
    assert base.tokens == columns["base"].tokens
    assert base.first is not None


def test_a_greedy_answer_is_its_own_variant_s(engine: Engine, columns: dict[str, Column]) -> None:
    assert (columns["base"].finished, columns["stage2"].finished) == ("stop", "length")
    for column in columns.values():
        told = receipt(engine, column, greedy=True)
        assert told.likeliest == told.scored == column.tokens
        assert told.is_own is True
    sampled = receipt(engine, columns["stage2"])
    assert (sampled.likeliest, sampled.scored, sampled.is_own) == (None, None, None)


def test_under_another_s_name_it_is_not(engine: Engine, columns: dict[str, Column]) -> None:
    for name, other in (("base", "stage2"), ("stage2", "base")):
        wrong = columns[other].model_copy(update={"variant": name})
        told = receipt(engine, scored(engine, wrong), greedy=True)
        assert told.is_own is False
        assert told.likeliest is not None


def test_an_answer_read_in_other_tokens_is_not_judged(
    engine: Engine, columns: dict[str, Column]
) -> None:
    other = columns["stage2"].model_copy(update={"tokens": 65})
    told = receipt(engine, other, greedy=True)
    assert told.is_own is None
    assert "other tokens than said" in told.missing[0]


def test_a_server_tells_what_it_can() -> None:
    why = "It is asked for answers alone."
    never = dict.fromkeys(("token_logprobs", "changes", "file_changes", "origin"), why)
    remote = FakeEngine({"base": "", "a": "one two"}, unsupported=never)
    column = Column(
        variant="a", turns=(Turn(role="user", content="?"),), text="one two", tokens=3, rate=9.0
    )
    told = receipt(remote, column, greedy=True)
    assert [(part.name, part.norm) for part in told.weights] == [("a", None)]
    assert (told.tokens, told.rate, told.divergence, told.is_own) == (3, 9.0, None, None)
    assert len(told.missing) == 2
    assert all(line.endswith(why) for line in told.missing)
