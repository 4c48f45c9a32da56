"""What sending, retrying, editing, going on, undoing and clearing make of a conversation."""

from __future__ import annotations

from typing import Any

import pytest

from hera.errors import InputError
from hera.types import Message
from hera.ui.conversation import (
    Answer,
    Asked,
    Desk,
    Said,
    Turn,
    asked_again,
    checked,
    edited,
    from_history,
    gone_on,
    growing,
    messages,
    plain,
    read,
    retried,
    sent,
    switched,
    undone,
    visitor_messages,
)

QUESTION = Turn(role="user", content="What is gout?")
NEXT = Turn(role="user", content="What causes it?")


def answer(content: str, variant: str = "stage2", **more: Any) -> Answer:
    return Answer(variant=variant, content=content, **{"ended": "stop", **more})


def answered(*answers: Answer, shown: int = 0) -> Turn:
    content = answers[shown].content
    return Turn(role="assistant", content=content, shown=shown, answers=answers)


DISEASE = answered(answer("A disease."))


def test_half_a_character_is_one_that_files_can_hold() -> None:
    assert checked("\ud800 hurts \ud83d\ude00 \udc00") == "\ufffd hurts \U0001f600 \ufffd"


def test_a_message_is_the_next_turn_in_place_of_one_without_an_answer() -> None:
    assert sent([], "  What is gout?\n", "base") == Asked((QUESTION,), "base")
    assert sent([QUESTION, DISEASE], NEXT.content, "base").turns == (QUESTION, DISEASE, NEXT)
    assert sent([QUESTION], NEXT.content, "base").turns == (NEXT,)


@pytest.mark.parametrize("message", ["", " \n\t", None])
def test_an_empty_message_is_refused(message: str | None) -> None:
    with pytest.raises(InputError, match="write something first"):
        sent([QUESTION, DISEASE], message, "base")
    with pytest.raises(InputError, match="write something first"):
        checked(message)


def test_retrying_asks_whoever_answered_with_another_seed() -> None:
    asked = retried([QUESTION, DISEASE], "base")
    assert (asked.turns, asked.variant, asked.tries) == ((QUESTION,), "stage2", 1)
    assert retried([QUESTION], "base") == Asked((QUESTION,), "base")
    nobodys = Turn(role="assistant", content="A disease.")
    assert retried([QUESTION, nobodys], "base").variant == "base"
    grown = asked.after(Said("Of the joints.", tokens=4, seconds=2.0, finished="length"), 1)
    assert grown[-1].answers[0] == DISEASE.answer
    assert grown[-1].answer == answer(
        "Of the joints.", seed=1, tokens=4, seconds=2.0, ended="length"
    )
    assert grown[-1].answer.rate == 2.0
    with pytest.raises(InputError, match="nothing to retry"):
        retried([], "base")


def test_another_variant_answers_in_place_and_either_can_be_seen() -> None:
    asked = asked_again([QUESTION, DISEASE], "base")
    assert asked.tries == 0
    assert asked.after(Said(""), 0) == [QUESTION, DISEASE]
    grown = asked.after(Said("Pain."), 0)
    assert [turn.content for turn in grown] == ["What is gout?", "Pain."]
    assert switched(grown, 0)[-1].content == "A disease."
    assert sent(switched(grown, 0), "Why?", "base").messages[1]["content"] == "A disease."
    assert switched(grown, 2) == grown
    assert switched([QUESTION], 0) == [QUESTION]


def test_a_cut_answer_goes_on_where_it_ends() -> None:
    cut = answer("A disease\ufffd", tokens=3, seconds=1.0, first=0.5, ended="length")
    turns = [QUESTION, answered(answer("Pain.", "base"), cut, shown=1)]
    asked = gone_on(turns)
    assert asked.messages == [
        {"role": "user", "content": "What is gout?"},
        {"role": "assistant", "content": "A disease"},
    ]
    assert (asked.variant, asked.before, asked.after(Said("", ahead=1), 0)) == (
        "stage2",
        turns,
        turns,
    )
    grown = asked.after(Said(" of joints.", tokens=3, seconds=1.0, first=0.1, finished="stop"), 0)
    whole = answer("A disease of joints.", tokens=6, seconds=2.0, first=0.5)
    assert grown == [QUESTION, answered(answer("Pain.", "base"), whole, shown=1)]
    assert asked.after(Said("", tokens=1, finished="stop"), 0)[-1].answer.ended == "stop"
    for ended in ([QUESTION], [QUESTION, DISEASE]):
        with pytest.raises(InputError, match="could go on"):
            gone_on(ended)


def test_an_edited_message_takes_what_came_after_it_along() -> None:
    turns = [QUESTION, DISEASE, NEXT, DISEASE]
    assert edited(turns, 0, "What is flu?", "base").messages == [
        {"role": "user", "content": "What is flu?"}
    ]
    assert edited(turns, 2, "Why?", "base").turns[:2] == (QUESTION, DISEASE)
    for place in (-1, 1, 4):
        with pytest.raises(InputError, match="no message of yours"):
            edited(turns, place, "Why?", "base")


def test_undoing_gives_the_last_question_back() -> None:
    assert undone([QUESTION, DISEASE, NEXT, DISEASE]) == ([QUESTION, DISEASE], NEXT.content)
    assert undone([QUESTION]) == ([], QUESTION.content)
    with pytest.raises(InputError, match="nothing to retry"):
        undone([])


def test_what_was_begun_before_a_clearing_writes_nothing_after_it() -> None:
    desk, asked = Desk(), sent([], "What is gout?", "base")
    old = growing(asked, map(Said, [" ", "A", "A disease"]), desk, 0)
    assert next(old) == ([QUESTION], Said(" "))
    assert next(old)[0][-1].content == "A"
    assert desk.clear() == []
    assert list(old) == []
    assert len(list(growing(asked, map(Said, ["A", "B"]), desk, 0))) == 2


def test_what_is_kept_is_plain_and_reads_back() -> None:
    turns = [QUESTION, answered(answer("Pain.", "base", seconds=1.0), answer("Ow."), shown=1), NEXT]
    kept = plain(turns)
    assert kept[0] == {"role": "user", "content": "What is gout?"}
    assert kept[1]["answers"][0]["variant"] == "base"
    assert read(kept) == turns
    assert messages(read([{"role": "user", "content": "a"}])) == [{"role": "user", "content": "a"}]
    wrong: list[Any] = [None, "a", [1], [{"role": "user"}], [{"role": "assistant", "content": "a"}]]
    for saved in [*wrong, [kept[0], kept[0]], [kept[0], kept[1] | {"shown": 2}]]:
        with pytest.raises(InputError, match="no conversation"):
            read(saved)


def test_only_the_visitors_messages_count_for_a_notice() -> None:
    said: list[Message] = messages([QUESTION, DISEASE, NEXT])
    assert visitor_messages(said) == ["What is gout?", "What causes it?"]
    assert visitor_messages([]) == []


def test_a_callers_history_becomes_turns() -> None:
    question: Message = {"role": "user", "content": "What is gout?"}
    history: list[Any] = [question, {"role": "assistant", "content": "Pain.", "more": "x"}]
    assert from_history(history) == [question, {"role": "assistant", "content": "Pain."}]
    assert from_history([{}]) == [{"role": "", "content": ""}]
    with pytest.raises(InputError, match="history must hold"):
        from_history(["hi"])  # type: ignore[list-item]
