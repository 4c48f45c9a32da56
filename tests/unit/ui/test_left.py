"""Who is still listened to: what nobody waits for ends, what somebody waits for never does."""

from __future__ import annotations

from asyncio import Queue as AsyncQueue
from datetime import datetime, timedelta
from types import SimpleNamespace

import gradio as gr
import pytest

from hera.ui.guard import left, sessions
from hera.ui.guard.calls import Guarded
from hera.ui.guard.left import PATIENCE, Listening
from hera.ui.guard.sessions import KEPT, KEPT_OF_A_CALL, Sessions


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    now = [1_000.0]
    # Theirs alone: the tests' servers run in threads of this process, and would wait for a day.
    for module in (left, sessions):
        monkeypatch.setattr(module, "time", SimpleNamespace(monotonic=lambda: now[0]))
    return now


def test_an_answer_ends_that_nobody_ever_listened_to(clock: list[float]) -> None:
    listening = Listening()
    assert not listening.has_left("page", "event")
    clock[0] += PATIENCE - 1
    assert not listening.has_left("page", "event")
    clock[0] += 2
    assert listening.has_left("page", "event")
    assert not listening.has_left("page", "another")


@pytest.mark.parametrize("name", ["page", "event"])
def test_somebody_who_listens_may_take_any_time(clock: list[float], name: str) -> None:
    listening = Listening()
    listening.opens(name)
    listening.opens(name)
    clock[0] += 10_000
    assert not listening.has_left("page", "event")
    listening.closes(name)
    clock[0] += 10_000
    assert not listening.has_left("page", "event")
    listening.closes(name)
    assert not listening.has_left("page", "event")
    clock[0] += PATIENCE + 1
    assert listening.has_left("page", "event")
    listening.opens(name)
    assert not listening.has_left("page", "event")


def test_a_visit_is_forgotten_an_hour_after_it_and_not_while_its_page_is_open(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with Guarded() as page:
        gr.Textbox()
    page.queue()
    listening = Listening()
    monkeypatch.setattr(sessions, "LISTENING", listening)
    holder = Sessions()
    holder.set_blocks(page)
    answers = page._queue.pending_messages_per_session
    listening.opens("open")
    ago = {"open": 2 * KEPT, "closed": 2 * KEPT, "just closed": KEPT - 60}
    ago |= {"a call": KEPT_OF_A_CALL + 60, "a call just now": KEPT_OF_A_CALL - 30}
    for visit, seconds in ago.items():
        holder[visit].is_closed = "closed" in visit
        answers[visit] = AsyncQueue()
        holder.time_last_used[visit] = datetime.now() - timedelta(seconds=seconds)
    holder.delete_all_expired_state()
    kept = {"open", "just closed", "a call just now"}
    assert set(holder.session_data) == set(holder.time_last_used) == set(answers) == kept


def test_whoever_closes_the_last_line_has_gone_at_once() -> None:
    listening = Listening()
    assert not listening.has_left("page", "event")
    assert not listening.has_gone("page")  # may come yet
    listening.opens("page")
    listening.opens("page")
    listening.closes("page")
    assert listening.is_open("page")
    assert not listening.has_gone("page")
    listening.closes("page")
    assert listening.has_gone("page")
    listening.opens("page")  # a laptop that was asleep
    assert not listening.has_gone("page")
