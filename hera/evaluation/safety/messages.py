"""Messages with the class of what they call for: JSON Lines, a file an author."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from hera.errors import DataError
from hera.safety.learned import classes


@dataclass(frozen=True)
class Message:
    """One message: who wrote it, its class in `classes.toml`, its register, its text."""

    author: str
    kind: str
    register: str
    text: str

    @property
    def level(self) -> str:
        """What its class calls for."""
        return classes()[self.kind]["level"]


def read_messages(folder: Path) -> list[Message]:
    """All authors' messages, in the order of their files' names.

    Raises:
        DataError: a line is no message, or its class is unknown.
    """
    return [message for file in sorted(folder.glob("*.jsonl")) for message in read_author(file)]


def read_author(file: Path) -> Sequence[Message]:
    """One author's messages.

    Raises:
        DataError: a line is no message, or its class is unknown.
    """
    messages = []
    for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), 1):
        try:
            row = json.loads(line)
            message = Message(file.stem, row["class"], row["register"], row["text"])
        except (ValueError, KeyError, TypeError) as error:
            raise DataError(f"{file}, line {number}: no message ({error!r}).") from error
        if message.kind not in classes():
            raise DataError(f"{file}, line {number}: there is no class {message.kind!r}.")
        messages.append(message)
    return messages
