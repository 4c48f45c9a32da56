"""What is told of the model that is served: put together once in each language, but for the memory
that it takes."""

from __future__ import annotations

import threading

from hera.explain.sheet import memory, sheet
from hera.explain.sheet.records import Sheet
from hera.ui.gpu import ZERO_GPU
from hera.ui.health import public_text
from hera.ui.language import language
from hera.ui.serving import Serving
from hera.ui.words import WORDS


class Sheets:
    """One sheet for all visitors. Creating it reads nothing."""

    def __init__(self, serving: Serving) -> None:
        self.serving = serving
        self._lock = threading.Lock()
        self._made: dict[str, Sheet] = {}

    def now(self) -> Sheet:
        """The sheet, once the model is loaded: the first call waits for that.

        Raises:
            ModelError: there is no model.
        """
        engine = self.serving.engine()
        with self._lock:
            made = self._made.get(language()) or self._make()
            self._made[language()] = made
        running = made.running.model_copy(update={"memory": memory(engine)})
        return made.model_copy(update={"running": running})

    def _make(self) -> Sheet:
        """No path of this machine is in it."""
        serving = self.serving
        made = sheet(
            serving.engine(),
            serving.order,
            serving.checks,
            serving.notes,
            no_norms=WORDS.status.no_gpu if ZERO_GPU else None,
        )
        checks = (
            check.model_copy(update={"detail": public_text(serving, check.detail)})
            for check in made.checks
        )
        notes = (public_text(serving, note) for note in made.notes)
        return made.model_copy(update={"checks": tuple(checks), "notes": tuple(notes)})
