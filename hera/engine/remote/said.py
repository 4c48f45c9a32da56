"""What the answers of one request say so far: pieces of text become Steps."""

from __future__ import annotations

from collections.abc import Iterable

from hera.engine.remote.dialects import Delta
from hera.types import Step


class Said:
    """The state of every variant's answer."""

    def __init__(self, names: Iterable[str]) -> None:
        self._texts = dict.fromkeys(names, "")
        self._tokens = dict.fromkeys(self._texts, 0)
        self._finished: dict[str, str | None] = dict.fromkeys(self._texts)

    def add(self, name: str, delta: Delta) -> None:
        """The next piece of one answer."""
        self._texts[name] += delta.text
        self._tokens[name] = delta.tokens
        self._finished[name] = self._finished[name] or delta.finished

    def step(self, seconds: float) -> Step:
        """All answers, so many seconds after the request."""
        texts, tokens, finished = dict(self._texts), dict(self._tokens), dict(self._finished)
        return Step(texts=texts, tokens=tokens, finished=finished, seconds=seconds)

    @property
    def broken(self) -> list[str]:
        """Whose answer has no end: after the last piece, those that the server broke off."""
        return [name for name, how in self._finished.items() if how is None]
