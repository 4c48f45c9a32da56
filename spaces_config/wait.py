"""From a commit to a running Space."""

from __future__ import annotations

import sys
import time
from typing import Any

from hera import hub
from hera.errors import HubError, one_line

_PAUSE = 2.0  # seconds between two looks
_SETTLING = 20.0  # seconds in which the Hub may still tell how the Space was before
_WORKING = ("NO_APP_FILE", "BUILDING", "RUNNING_BUILDING", "APP_STARTING", "RUNNING_APP_STARTING")
_UP = ("RUNNING", "SLEEPING")


def page(api: Any, space: str) -> str:
    """The Space's address."""
    return f"{api.endpoint}/spaces/{space}"


def wait(api: Any, space: str, *, minutes: float, old: str | None) -> None:
    """Look until the Space runs, with its stages on stderr.

    Args:
        api: from `hera.hub.connect`.
        space: OWNER/NAME.
        minutes: how long at most.
        old: its stage before something was changed, which says nothing for a moment.

    Raises:
        HubError: it does not come up, or not in time.
        KeyboardInterrupt: with the words that the build goes on.
    """
    try:
        _wait(api, space, minutes, old)
    except KeyboardInterrupt:
        raise KeyboardInterrupt(f"the Space goes on building, see {page(api, space)}") from None


def _wait(api: Any, space: str, minutes: float, old: str | None) -> None:
    began, said, moved = time.monotonic(), "", False
    # A stage may still be the old one's; the Hub names the commit that it belongs to.
    head = hub.patiently(lambda: api.space_info(space), what=space).sha
    while True:
        runtime = hub.patiently(lambda: api.get_space_runtime(space), what=space)
        stage, seconds = str(runtime.stage), time.monotonic() - began
        commit = runtime.raw.get("sha")
        moved = moved or stage != old or seconds > _SETTLING
        stale = commit != head if commit else not moved
        if stage != said:
            print(f"{seconds:5.0f} s  {stage.lower()}", file=sys.stderr, flush=True)
            said = stage
        if not stale:
            if stage in _UP:
                return
            if stage not in _WORKING:
                raise HubError(_failure(api, space, stage, runtime.raw))
        if seconds > minutes * 60:
            raise HubError(
                f"{space}: still {stage.lower()} after {minutes:g} minutes. It goes on; see "
                f"{page(api, space)}."
            )
        time.sleep(_PAUSE)


def _failure(api: Any, space: str, stage: str, raw: dict[str, Any]) -> str:
    if stage in ("PAUSED", "STOPPED"):
        return f"{space}: {stage.lower()}. Restart it at {page(api, space)}/settings."
    message = raw.get("errorMessage")
    said = f" ({one_line(Exception(message))})" if message else ""
    logs = "build" if stage == "BUILD_ERROR" else "container"
    return (
        f"{space}: {stage.lower().replace('_', ' ')}{said}. Read the log at "
        f"{page(api, space)}?logs={logs}, mend it and run this again."
    )
