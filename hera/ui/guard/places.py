"""Who may wait for the model, and how many: nobody's many requests stand before another's first."""

from __future__ import annotations

import asyncio
import math
from collections import Counter
from typing import Any

import fastapi
from gradio.data_classes import PredictBodyInternal
from gradio.queueing import Event, Queue
from gradio.route_utils import get_fn
from gradio.server_messages import EventMessage, ProcessCompletedMessage
from gradio.utils import error_payload, safe_aclose_iterator

from hera.ui.components.events import ANSWERS, SCORES
from hera.ui.errors import ClearError
from hera.ui.words import WORDS

AT_ONCE = 4
"""Requests of one visitor that are answered or wait, and as many runs of questions."""
AT_ONCE_UNNAMED = 16
"""The same of all callers of one address who name no session."""

_MODEL = (ANSWERS["concurrency_id"], SCORES["concurrency_id"])
"""What is bounded: events that need the model. The rest waits for nothing."""


class Places(Queue):
    """Gradio's queue, with a bound for each visitor and turns by visitor."""

    async def push(
        self, body: PredictBodyInternal, request: fastapi.Request, username: str | None
    ) -> Any:
        """Take a request: (True, its id, "success"). One that is refused has ended at once, with a
        line that says why: for a full queue Gradio's page and client have words of their own."""
        line = self._refusal(body, request)
        if not line:
            return await super().push(body, request, username)
        event = Event(body.session_hash, get_fn(self.blocks, None, body), request, username)
        async with self.pending_message_lock:
            self.pending_messages_per_session.setdefault(event.session_hash, asyncio.Queue())
            self.pending_event_ids_session.setdefault(event.session_hash, set()).add(event._id)
        heading = WORDS.busy.heading
        said = error_payload(ClearError(line, heading), True)
        ended = ProcessCompletedMessage(output=said, title=heading, success=False)
        self.send_message(event, ended)
        return True, event._id, "success"

    def send_message(self, event: Event, event_message: EventMessage) -> None:
        """As Gradio's; who has an answer's end may ask again, though Gradio still tidies up."""
        event.closed = event.closed or isinstance(event_message, ProcessCompletedMessage)
        super().send_message(event, event_message)

    def get_events(self) -> Any:
        """The next to run: of the visitor who has the fewest at work, and of those who came
        first."""
        at_work = Counter(_who(event) for events in self.active_jobs for event in events or ())
        for waiting in self.event_queue_per_concurrency_id.values():
            if waiting.concurrency_id in _MODEL and len(waiting.queue) > 1:
                waiting.queue.sort(key=lambda event: at_work[_who(event)])
        return super().get_events()

    async def reset_iterators(self, event_id: str) -> None:
        """As Gradio's, which lets all who leave or stop wait for one whose scoring ends its batch
        first."""
        iterator = self.server_app.iterators.pop(event_id, None) if self.server_app else None
        if iterator is not None:
            await safe_aclose_iterator(iterator)

    def compute_analytics_summary(self, _: Any) -> dict[str, Any]:
        """Nothing: Gradio would count all events anew after each, for a page that is closed."""
        return {}

    def _refusal(self, body: PredictBodyInternal, request: fastapi.Request) -> str:
        group = get_fn(self.blocks, None, body).concurrency_id
        if group not in _MODEL:
            return ""
        words, who = WORDS.busy, body.session_hash or _address(request)
        events = [e for e in self.event_ids_to_events.values() if e.alive and not e.closed]
        own = sum(event.concurrency_id == group and _who(event) == who for event in events)
        most = AT_ONCE if body.session_hash else AT_ONCE_UNNAMED
        if own >= most:
            return words.yours.format(n=own)
        if self.max_size is not None and len(self) >= self.max_size:
            n = len({_who(event) for event in events if event.concurrency_id in _MODEL})
            return words.full.format(n=n, minutes=self._minutes())
        return ""

    def _minutes(self) -> int:
        """Until about half of those who wait now have their turn, by how long answers took."""
        took = [t.process_time / t.count for t in self.process_time_per_fn.values() if t.count]
        at_work = sum(events is not None for events in self.active_jobs)
        if not took or not at_work:
            return 1
        seconds = sum(took) / len(took) * len(self) / 2 / at_work
        return max(1, math.ceil(seconds / 60))


def _who(event: Event) -> str:
    """A session, or the address of a caller who names none: Gradio then takes the event's."""
    return _address(event.request) if event.session_hash == event._id else event.session_hash


def _address(request: fastapi.Request) -> str:
    return request.client.host if request.client else ""
