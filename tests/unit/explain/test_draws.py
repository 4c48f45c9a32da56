"""Many draws of one question: repeatable, in the engine's running batch, and gone when closed."""

from __future__ import annotations

import time
from collections.abc import Generator, Mapping

import pytest

from hera import GenerationParams, load_engine
from hera.errors import BusyError, InputError
from hera.explain.draws import draw
from hera.types import Engine, Message, Prompt, Step
from tests.doubles.engine import FakeEngine
from tests.threads import none_decodes

KNEE: list[Message] = [{"role": "user", "content": "My knee hurts after running."}]
ASKED: dict[str, Prompt] = {"base": KNEE, "stage2": KNEE}
WARM = GenerationParams(max_new_tokens=24, temperature=0.7, seed=40)


@pytest.fixture(scope="module")
def exact() -> Engine:
    """In float32, where who else is in the batch does not decide a token."""
    return load_engine("embedded", dtype="float32")


def test_each_draw_is_the_answer_of_its_seed(exact: Engine) -> None:
    *_, last = draw(exact, ASKED, WARM, 4)
    assert (last.n, list(last.ended)) == (4, [40, 41, 42, 43])
    for seed, answers in last.ended.items():
        alone = exact.answer(ASKED, GenerationParams(24, 0.7, seed=seed))
        assert {name: a.text for name, a in answers.items()} == alone.texts
        assert {name: a.tokens for name, a in answers.items()} == alone.tokens
        assert {name: a.finished for name, a in answers.items()} == alone.finished
    assert len({answers["base"].text for answers in last.ended.values()}) > 1


def test_closing_stops_every_answer(exact: Engine) -> None:
    drawing = draw(exact, ASKED, GenerationParams(900, 2.0), 16)
    assert next(drawing).n == 16
    drawing.close()
    assert none_decodes()


class Slow(FakeEngine):
    """Takes its time for a token."""

    def stream(
        self, requests: Mapping[str, Prompt], params: GenerationParams, visitor: str = ""
    ) -> Generator[Step, None, None]:
        for step in super().stream(requests, params, visitor):
            time.sleep(0.6)
            yield step


def test_it_tells_twice_a_second_that_nothing_has_ended() -> None:
    told = list(draw(Slow({"base": "Rest.", "stage2": "Rest."}), ASKED, WARM, 2))
    assert len(told) >= 3
    assert not told[0].ended
    assert len(told[-1].ended) == 2


class Full(FakeEngine):
    """Has room for the first draws alone."""

    def stream(
        self, requests: Mapping[str, Prompt], params: GenerationParams, visitor: str = ""
    ) -> Generator[Step, None, None]:
        if params.seed > 42:
            raise BusyError("Full.")
        return super().stream(requests, params, visitor)


def test_what_goes_wrong_in_one_draw_ends_all() -> None:
    full = Full({"base": "Rest " * 500, "stage2": "Rest."})
    with pytest.raises(BusyError, match="Full"):
        list(draw(full, ASKED, WARM, 16))


@pytest.mark.parametrize(
    ("temperature", "n", "says"),
    [(0.0, 16, "temperature 0"), (0.7, 1, "1 draws.*2 to 64"), (0.7, 65, "65 draws")],
)
def test_what_cannot_tell_anything_is_refused_at_once(
    exact: Engine, temperature: float, n: int, says: str
) -> None:
    with pytest.raises(InputError, match=says):
        draw(exact, ASKED, GenerationParams(24, temperature), n)
    with pytest.raises(InputError, match="Unknown variant"):
        draw(exact, {"nobody": "Hello"}, WARM)
