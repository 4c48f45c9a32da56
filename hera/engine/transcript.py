"""What has been said so far: columns of tokens become Steps of text."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, cast

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
        self._finished: dict[str, str | None] = dict.fromkeys(self.tokenizers)

    def add(self, names: Sequence[str], column: Sequence[int]) -> None:
        """The next token of each of these rows."""
        for name, token in zip(names, column, strict=True):
            if self._finished[name] is None:
                self._ids[name].append(token)
                self._read(name, token)

    def step(self, seconds: float) -> Step:
        """The state of all rows, so many seconds after the request."""
        return Step(
            texts=dict(self._texts),
            tokens={name: len(ids) for name, ids in self._ids.items()},
            finished=dict(self._finished),
            seconds=seconds,
        )

    def _read(self, name: str, token: int) -> None:
        if token in self.ends[name]:
            self._finished[name] = "stop"
        elif len(self._ids[name]) == self.limit:
            self._finished[name] = "length"
        text = cast("str", self.tokenizers[name].decode(self._ids[name], skip_special_tokens=True))
        # A trailing replacement character is half of a character still being spelled in bytes.
        self._texts[name] = text if self._finished[name] else text.rstrip("\ufffd")
