"""What visitors' events came to, for whoever runs the app: counts, and on request a line each. Of
what a visitor wrote, who they are and from where they come there is nothing in either."""

from __future__ import annotations

import json
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

from hera.errors import HeraError


class Watch:
    """Counts by event and by how it ended: "done", "left" (the visitor stopped it or went), the
    kind of a HeraError, or "failed". `lines`: whether each is also a line of JSON on stderr."""

    lines = False

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._ended: Counter[tuple[str, str]] = Counter()
        self._seconds: dict[str, float] = {}

    @contextmanager
    def event(self, name: str) -> Iterator[None]:
        """Within, an event runs."""
        began, outcome = time.perf_counter(), "done"
        try:
            yield
        except GeneratorExit:
            outcome = "left"
            raise
        except HeraError as error:
            outcome = type(error).__name__
            raise
        except BaseException:
            outcome = "failed"
            raise
        finally:
            self._note(name, outcome, time.perf_counter() - began)

    def _note(self, name: str, outcome: str, seconds: float) -> None:
        with self._lock:
            self._ended[name, outcome] += 1
            self._seconds[name] = self._seconds.get(name, 0.0) + seconds
        if self.lines:
            at = datetime.now(UTC).isoformat(timespec="milliseconds")
            said = {"at": at, "event": name, "outcome": outcome, "seconds": round(seconds, 3)}
            print(json.dumps(said), file=sys.stderr, flush=True)

    def counted(self) -> tuple[dict[tuple[str, str], int], dict[str, float]]:
        """How many (event, outcome) there were, and the seconds that each event took in all."""
        with self._lock:
            return dict(self._ended), dict(self._seconds)


WATCH = Watch()
"""Of this process."""
