"""What the answers of one request say so far: pieces of text become Steps."""

from __future__ import annotations

from collections.abc import Iterable

from hera.engine.remote.dialects import Delta
from hera.errors import HeraError
from hera.types import Step


class Said:
    """The state of every variant's answer."""

    def __init__(self, names: Iterable[str]) -> None:
        self._texts = dict.fromkeys(names, "")
        self._tokens = dict.fromkeys(self._texts, 0)
        self._finished: dict[str, str | None] = dict.fromkeys(self._texts)
        self._failed: dict[str, HeraError] = {}

    def add(self, name: str, delta: Delta | HeraError) -> None:
        """The next piece of one answer, or why it broke off."""
        if isinstance(delta, HeraError):
            self._finished[name], self._failed[name] = "failed", delta
            return
        self._texts[name] += delta.text
        self._tokens[name] = delta.tokens
        self._finished[name] = self._finished[name] or delta.finished

    def step(self, seconds: float) -> Step:
        """All answers, so many seconds after the request."""
        texts, tokens, finished = dict(self._texts), dict(self._tokens), dict(self._finished)
        failed = {n: str(self._failed[n]) for n in self._texts if n in self._failed}
        return Step(texts, tokens, finished, seconds, failed=failed)

    def check(self) -> None:
        """Raises the first one's HeraError where every answer has broken off."""
        if len(self._failed) == len(self._texts):
            raise next(self._failed[name] for name in self._texts)

    @property
    def broken(self) -> list[str]:
        """Whose answer has no end: after the last piece, those that the server broke off."""
        return [name for name, how in self._finished.items() if how is None]
