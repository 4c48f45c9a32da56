"""What the server remembers of a visit: gone an hour after it.

Gradio lets go of what a closed page's states hold, but keeps what stood in its components, all that
callers without a page sent, and answers that nobody fetched, until thousands of others have come.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from hera.ui.guard.calls import Guarded
from hera.ui.guard.left import KEPT


def forgets_visits(demo: Guarded) -> None:
    """See to it from now on, once the app is launched: of what looks every second for what is old,
    one method is replaced."""
    holder, queue = demo.state_holder, demo._queue
    states = holder.delete_all_expired_state

    def old_ones() -> None:
        states()
        before = datetime.now() - timedelta(seconds=KEPT)
        for visit, used in list(holder.time_last_used.items()):
            if used < before and demo.listening.silence(visit) > KEPT:
                holder.session_data.pop(visit, None)
                queue.pending_messages_per_session.pop(visit, None)
                del holder.time_last_used[visit]

    holder.delete_all_expired_state = old_ones  # type: ignore[method-assign]
