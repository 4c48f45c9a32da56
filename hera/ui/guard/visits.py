"""What the server remembers of a visit: gone an hour after it.

Gradio lets go of what a closed page's states hold, but keeps what stood in its components, and all
that callers without a page sent, until ten thousand others have come.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from hera.ui.guard.left import KEPT, Listening


def forgets_visits(holder: Any, listening: Listening) -> None:
    """See to it from now on.

    Args:
        holder: Gradio's `StateHolder` of a launched app, which looks for what is old every second:
            one of its methods is replaced.
        listening: knows which pages are open.
    """
    states = holder.delete_all_expired_state

    def old_ones() -> None:
        states()
        before = datetime.now() - timedelta(seconds=KEPT)
        for visit, used in list(holder.time_last_used.items()):
            if used < before and listening.silence(visit) > KEPT:
                holder.session_data.pop(visit, None)
                del holder.time_last_used[visit]

    holder.delete_all_expired_state = old_ones
