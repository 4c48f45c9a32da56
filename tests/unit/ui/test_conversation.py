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
    checked,
    from_history,
    growing,
    retried,
    sent,
    shown,
    visitor_messages,
)

QUESTION: Message = {"role": "user", "content": "What is gout?"}
ANSWER: Message = {"role": "assistant", "content": "A disease of the joints."}
NEXT: Message = {"role": "user", "content": "What causes it?"}


def test_it_needs_no_screen() -> None:
    code = "import sys, hera.ui.conversation; print('gradio' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"


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
    steps = growing([QUESTION], [" ", " A", " A disease"], Desk())
    assert [turns[1:] for turns in steps] == [
        [],
        [{"role": "assistant", "content": " A"}],
        [{"role": "assistant", "content": " A disease"}],
    ]


def test_what_was_begun_before_a_clearing_writes_nothing_after_it() -> None:
    desk = Desk()
    old = growing([QUESTION], ["A", "A disease", "A disease of"], desk)
    assert next(old) == [QUESTION, {"role": "assistant", "content": "A"}]
    assert desk.clear() == []
    new = growing([NEXT], ["Uric acid", "Uric acid."], desk)
    assert list(old) == []
    assert len(list(new)) == 2


def test_nothing_changes_the_turns_that_were_given() -> None:
    turns = [QUESTION, ANSWER, NEXT]
    sent(turns, "And now?")
    retried(turns)
    list(growing(turns, ["A"], Desk()))
    assert turns == [QUESTION, ANSWER, NEXT]


def test_only_the_visitors_messages_count_for_a_notice() -> None:
    assert visitor_messages([QUESTION, ANSWER, NEXT]) == ["What is gout?", "What causes it?"]
    assert visitor_messages([]) == []


def test_what_is_shown_holds_neither_html_nor_images() -> None:
    turns: list[Message] = [
        {"role": "user", "content": "<b>1 & 2</b> ![x](http://example.org/a.png) **so**"}
    ]
    assert shown(turns) == [
        {
            "role": "user",
            "content": "&lt;b>1 &amp; 2&lt;/b> !\\[x](http://example.org/a.png) **so**",
        }
    ]


def test_a_callers_history_becomes_turns() -> None:
    history: list[Any] = [QUESTION, {**ANSWER, "more": "x"}]
    assert from_history(history) == [QUESTION, ANSWER]
    assert from_history([{}]) == [{"role": "", "content": ""}]
    with pytest.raises(InputError, match="history must hold"):
        from_history(["hi"])  # type: ignore[list-item]
