"""What the server keeps of a session: as little as the page needs, and not for long.

Gradio makes a description of every component for every session, for deep links, which are closed
here (`hera.ui.guard.doors`): 0.75 MB and a tenth of a second each, on the thread that serves all.
It keeps up to 10,000 of them, those of pages that were closed and of single calls as well.
"""

from __future__ import annotations

import time
from datetime import datetime
from types import SimpleNamespace
from typing import Any

from gradio.state_holder import SessionState, StateHolder

from hera.ui.guard.left import LISTENING

KEPT = 3600.0
"""Seconds that a page's state is kept once nobody has it open, as by Gradio: it may be opened
again, as after a laptop was asleep."""
KEPT_OF_A_CALL = 60.0
"""The same of a caller who holds no line open."""

_EVERY = 10.0  # seconds between two looks


class _Session(SessionState):
    """A session's state without descriptions."""

    def __init__(self, blocks: Any) -> None:
        super().__init__(SimpleNamespace(default_config=blocks.default_config, blocks={}))  # type: ignore[arg-type]

    def __setitem__(self, key: int, value: Any) -> None:
        super().__setitem__(key, value)
        self.config_values.clear()

    def _update_config(self, key: int) -> None:
        pass  # for deep links alone

    def _update_value_in_config(self, key: int, value: Any) -> None:
        pass  # for deep links alone


class Sessions(StateHolder):
    """All that are there; made of a holder of Gradio's by `Guarded`, before it holds any."""

    _next = 0.0

    def __getitem__(self, session_id: str) -> SessionState:
        if session_id not in self.session_data:
            self.session_data[session_id] = _Session(self.blocks)
        return super().__getitem__(session_id)

    def delete_all_expired_state(self) -> None:
        """Let go of sessions that are over; Gradio asks for it every second."""
        if time.monotonic() < self._next:
            return
        self._next, now = time.monotonic() + _EVERY, datetime.now()
        for name in [name for name in self.session_data if self._is_over(name, now)]:
            self.delete_state(name)
            self.blocks._queue.pending_messages_per_session.pop(name, None)  # nobody fetched them
            with self.lock:
                self.session_data.pop(name, None)
                self.time_last_used.pop(name, None)

    def _is_over(self, name: str, now: datetime) -> bool:
        if LISTENING.is_open(name):
            return False
        kept = KEPT if self.session_data[name].is_closed else KEPT_OF_A_CALL
        used = self.time_last_used.get(name, now)
        return (now - used).total_seconds() > kept
