"""Who is still listened to: what nobody waits for ends, what somebody waits for never does."""

from __future__ import annotations

import time
from asyncio import Queue as AsyncQueue
from datetime import datetime, timedelta

import gradio as gr
import pytest
from gradio.state_holder import StateHolder

from hera.ui.guard.calls import Guarded
from hera.ui.guard.left import KEPT, PATIENCE, Listening
from hera.ui.guard.visits import forgets_visits


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    now = [1_000.0]
    monkeypatch.setattr(time, "monotonic", lambda: now[0])
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
    clock: list[float],
) -> None:
    with Guarded() as page:
        gr.Textbox()
    page.queue()
    holder, listening = StateHolder(), page.listening
    holder.set_blocks(page)
    forgets_visits(page)
    answers = page._queue.pending_messages_per_session
    listening.opens("open")
    for visit in ("open", "closed", "no page", "new"):
        assert holder[visit]
        answers[visit] = AsyncQueue()
        if visit != "new":
            holder.time_last_used[visit] = datetime.now() - timedelta(seconds=2 * KEPT)
    listening.opens("closed")
    listening.closes("closed")
    clock[0] += KEPT - 1
    holder.delete_all_expired_state()
    assert set(holder.session_data) == {"open", "closed", "new"}
    clock[0] += 2
    holder.delete_all_expired_state()
    assert set(holder.session_data) == set(holder.time_last_used) == {"open", "new"}
    assert set(answers) == {"open", "new"}
