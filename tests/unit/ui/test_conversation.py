"""What sending, retrying and clearing make of a conversation."""

from __future__ import annotations

import subprocess
import sys
from typing import Any

import pytest

from hera.errors import InputError
from hera.types import Message
from hera.ui.conversation import (
    Desk,
    Said,
    checked,
    fitting,
    from_history,
    growing,
    retried,
    sent,
    visitor_messages,
)

QUESTION: Message = {"role": "user", "content": "What is gout?"}
ANSWER: Message = {"role": "assistant", "content": "A disease of the joints."}
NEXT: Message = {"role": "user", "content": "What causes it?"}


def test_it_needs_no_screen() -> None:
    code = "import sys, hera.ui.conversation; print('gradio' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"


def test_half_a_character_is_one_that_files_can_hold() -> None:
    assert checked("\ud800 hurts \ud83d\ude00 \udc00") == "\ufffd hurts \U0001f600 \ufffd"


def test_a_message_is_the_next_turn() -> None:
    assert sent([], "  What is gout?\n") == [QUESTION]
    assert sent([QUESTION, ANSWER], "What causes it?") == [QUESTION, ANSWER, NEXT]


def test_a_message_takes_the_place_of_one_without_an_answer() -> None:
    assert sent([QUESTION], "What causes it?") == [NEXT]
    assert sent([QUESTION, ANSWER, NEXT], "What is gout?") == [QUESTION, ANSWER, QUESTION]


@pytest.mark.parametrize("message", ["", "  \n ", None])
def test_an_empty_message_is_refused(message: str | None) -> None:
    with pytest.raises(InputError, match="write something first"):
        checked(message)
    with pytest.raises(InputError, match="write something first"):
        sent([QUESTION, ANSWER], message)


def test_a_retry_goes_back_to_the_last_message() -> None:
    assert retried([QUESTION]) == [QUESTION]
    assert retried([QUESTION, ANSWER]) == [QUESTION]
    assert retried([QUESTION, ANSWER, NEXT, ANSWER]) == [QUESTION, ANSWER, NEXT]


def test_there_may_be_nothing_to_retry() -> None:
    with pytest.raises(InputError, match="nothing to retry"):
        retried([])


def test_the_answer_grows_and_is_no_turn_while_it_is_blank() -> None:
    steps = growing([QUESTION], map(Said, [" ", " A", " A disease"]), Desk())
    assert [turns[1:] for turns, _ in steps] == [
        [],
        [{"role": "assistant", "content": " A"}],
        [{"role": "assistant", "content": " A disease"}],
    ]


def test_what_was_begun_before_a_clearing_writes_nothing_after_it() -> None:
    desk = Desk()
    old = growing([QUESTION], [Said("A", 2), Said("A disease", 2), Said("A disease of", 2)], desk)
    assert next(old) == ([QUESTION, {"role": "assistant", "content": "A"}], Said("A", 2))
    assert desk.clear() == []
    new = growing([NEXT], map(Said, ["Uric acid", "Uric acid."]), desk)
    assert list(old) == []
    assert len(list(new)) == 2


def test_nothing_changes_the_turns_that_were_given() -> None:
    turns = [QUESTION, ANSWER, NEXT]
    sent(turns, "And now?")
    retried(turns)
    list(growing(turns, [Said("A")], Desk()))
    fitting(turns, lambda some: len(some) - 1)
    assert turns == [QUESTION, ANSWER, NEXT]


def test_only_the_visitors_messages_count_for_a_notice() -> None:
    assert visitor_messages([QUESTION, ANSWER, NEXT]) == ["What is gout?", "What causes it?"]
    assert visitor_messages([]) == []


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


def test_a_callers_history_becomes_turns() -> None:
    history: list[Any] = [QUESTION, {**ANSWER, "more": "x"}]
    assert from_history(history) == [QUESTION, ANSWER]
    assert from_history([{}]) == [{"role": "", "content": ""}]
    with pytest.raises(InputError, match="history must hold"):
        from_history(["hi"])  # type: ignore[list-item]
