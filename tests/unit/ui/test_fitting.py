"""What of a conversation is left out where it is longer than the model can read."""

from __future__ import annotations

import pytest

from hera.errors import InputError
from hera.types import Engine, Message
from hera.ui.fitting import fitting, taken
from tests.doubles.engine import FakeEngine

SYSTEM: Message = {"role": "system", "content": "Be brief."}


def numbered(pairs: int) -> list[Message]:
    """So many questions with their answers, and one more question."""
    roles = ["user", "assistant"] * pairs + ["user"]
    return [{"role": role, "content": str(i)} for i, role in enumerate(roles)]


@pytest.mark.parametrize("system", [[], [SYSTEM]])
@pytest.mark.parametrize("window", range(12))
def test_as_many_of_the_newest_turns_stay_as_fit(window: int, system: list[Message]) -> None:
    """Whole pairs go, the oldest first; a system turn and the newest message never."""
    turns = numbered(4)
    pairs = min(4, max(0, (window - 1 - len(system)) // 2))
    seen = fitting([*system, *turns], lambda some: len(some) - window)
    assert seen == [*system, *turns[len(turns) - 1 - 2 * pairs :]]


def test_of_a_very_long_conversation_little_is_measured() -> None:
    measured: list[int] = []

    def excess(some: list[Message]) -> int:
        measured.append(len(some))
        return len(some) - 100

    assert len(fitting(numbered(100_000), excess)) == 99
    assert max(measured) < 200
    assert len(measured) < 15


def test_how_much_of_the_window_is_taken(engine: Engine) -> None:
    asked: list[Message] = [{"role": "user", "content": "What is asthma?"}]
    assert taken(engine, asked, "stage2") == (len(engine.render(asked, "stage2")), 2048)
    asked[0]["content"] = "pain " * 3_000
    assert taken(engine, asked, "base") == (2048, 2048)  # what is over it is not read
    with pytest.raises(InputError, match="Unknown variant"):
        taken(engine, asked, "stage3")
    assert taken(FakeEngine({"base": ""}, unsupported={"render": "no"}), asked, "base") == (0, 0)
