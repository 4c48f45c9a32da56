"""What has been said so far: columns of tokens become Steps of text."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from tokenizers.decoders import DecodeStream

from hera.errors import HeraError
from hera.rendering import turn_end_ids
from hera.types import Step


@dataclass
class Transcript:
    """One answer a row, each read by its own tokenizer and cut after `limit` tokens; a row that has
    ended ignores what comes after it. `ends` are the ids that end each row's turn."""

    tokenizers: Mapping[str, Any]
    limit: int
    ends: dict[str, list[int]] = field(init=False)

    def __post_init__(self) -> None:
        self.ends = {name: turn_end_ids(tokenizer) for name, tokenizer in self.tokenizers.items()}
        self._ids: dict[str, list[int]] = {name: [] for name in self.tokenizers}
        self._texts = dict.fromkeys(self.tokenizers, "")
        self._streams = {
            name: DecodeStream(skip_special_tokens=True)
            for name, tokenizer in self.tokenizers.items()
            if tokenizer.is_fast
        }
        self._finished: dict[str, str | None] = dict.fromkeys(self.tokenizers)
        self._failed: dict[str, HeraError] = {}

    def add(self, column: Mapping[str, int | HeraError]) -> None:
        """The next token of each of these rows, or why none comes any more."""
        for name, token in column.items():
            if isinstance(token, HeraError):
                self._finished[name], self._failed[name] = "failed", token
            else:
                self._ids[name].append(token)
                self._read(name, token)

    def check(self) -> None:
        """Raises the first one's HeraError where every row has failed."""
        if len(self._failed) == len(self._ids):
            raise next(self._failed[name] for name in self._ids)

    def step(self, seconds: float, ahead: int = 0) -> Step:
        """The state of all rows, so many seconds after the request, and what comes before it."""
        return Step(
            texts=dict(self._texts),
            tokens={name: len(ids) for name, ids in self._ids.items()},
            finished=dict(self._finished),
            seconds=seconds,
            ahead=ahead,
            failed={name: str(self._failed[name]) for name in self._ids if name in self._failed},
        )

    def _read(self, name: str, token: int) -> None:
        if token in self.ends[name]:
            self._finished[name] = "stop"
        elif len(self._ids[name]) == self.limit:
            self._finished[name] = "length"
        if self._finished[name] is None and name in self._streams:
            # Half of a character that is still being spelled in bytes adds nothing yet.
            more = self._streams[name].step(self.tokenizers[name].backend_tokenizer, token)
            self._texts[name] += more or ""
        else:
            text = self.tokenizers[name].decode(self._ids[name], skip_special_tokens=True)
            self._texts[name] = text if self._finished[name] else text.rstrip("\ufffd")
