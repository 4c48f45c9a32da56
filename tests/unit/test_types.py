"""What every engine inherits, shown on one without a model."""

from __future__ import annotations

import pytest

from benchmarks.harness.flags import require
from hera.errors import InputError, UnsupportedError
from hera.types import GenerationParams, Message
from tests.doubles.engine import FakeEngine

ASKED: list[Message] = [{"role": "user", "content": "What is gout?"}]


def test_an_answer_is_the_last_step_and_the_stream_is_closed() -> None:
    engine = FakeEngine({"base": "a form of arthritis", "stage1": "yes"})
    requests = dict.fromkeys(engine.variants, ASKED)
    last = engine.answer(requests, GenerationParams(8))
    assert last.texts == {"base": "a form of arthritis", "stage1": "yes"}
    assert last.finished == {"base": "stop", "stage1": "stop"}
    assert last.tokens == {"base": 5, "stage1": 2}
    assert engine.closed == 1
    cut = engine.answer(requests, GenerationParams(3))
    assert (cut.texts["base"], cut.finished["base"]) == ("a form of", "length")
    with pytest.raises(InputError, match="choose among base, stage1"):
        engine.answer({"stage9": ASKED}, GenerationParams(3))


def test_what_an_engine_cannot_do_is_said_before_it_is_tried() -> None:
    engine = FakeEngine({"base": ""}, unsupported={"embed": "it shows no hidden states."})
    require(engine, "token_logprobs")
    with pytest.raises(UnsupportedError, match=r"^fake: it shows no hidden states\.$"):
        require(engine, "embed")
    with pytest.raises(UnsupportedError):
        engine.embed(["x"])


@pytest.mark.parametrize(
    "wrong",
    [{"max_new_tokens": 0}, {"temperature": -0.1}, {"top_p": 0.0}, {"top_p": 1.01}],
)
def test_parameters_out_of_range_are_named(wrong: dict[str, float]) -> None:
    (name,) = wrong
    with pytest.raises(InputError, match=name):
        GenerationParams(**wrong)  # type: ignore[arg-type]
