"""What people ask a health assistant, and by which words an answer is known to be to the point."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from hera.errors import DataError
from hera.refs import Ref
from hera.types import Message

DATA = Path(__file__).parents[1] / "data" / "smollm2"
GROUPS = {"plain": DATA / "plain.jsonl", "outside": DATA / "outside.jsonl"}
"""HERA's own, locked: plain questions, and such as are none of a health assistant's."""
TALKS = DATA / "three_turns.jsonl"


@dataclass(frozen=True)
class Question:
    """One message, and of each list of `any` one expression that an answer's lower-cased text is to
    hold."""

    id: str
    group: str
    kind: str
    message: str
    any: tuple[tuple[re.Pattern[str], ...], ...]

    @property
    def prompt(self) -> list[Message]:
        """It as a conversation."""
        return [{"role": "user", "content": self.message}]

    def is_met_by(self, text: str) -> bool:
        """Whether an answer is to the point; a lenient test of words, not of sense."""
        low = text.lower()
        return all(any(word.search(low) for word in words) for words in self.any)


def load_questions(data: Ref) -> list[Question]:
    """HERA's own, or those of a file of the same shape, all in the group "plain".

    Raises:
        DataError: no such file, or a line that is no question.
    """
    if data.is_embedded:
        return [q for group, path in GROUPS.items() for q in _read(path, group, str(data))]
    if data.path is None or not data.path.is_file():
        raise DataError(f"{data.says}: no such file. Give a .jsonl file of questions.")
    return _read(data.path, "plain", data.says)


def _read(path: Path, group: str, says: str) -> list[Question]:
    questions = []
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        try:
            questions.append(_question(json.loads(line), group))
        except (ValueError, TypeError, KeyError, re.error) as error:
            raise DataError(
                f"{says}, line {number}: no question ({error!r}). Give id, message and any: lists "
                "of regular expressions."
            ) from error
    return questions


def _question(row: Mapping[str, object], group: str) -> Question:
    lists = row["any"]
    if not isinstance(lists, Sequence) or not lists:
        raise ValueError("no list of words")
    words = tuple(tuple(re.compile(word) for word in some) for some in lists)
    return Question(str(row["id"]), group, str(row.get("kind", "")), str(row["message"]), words)


def load_talks() -> list[list[str]]:
    """What a visitor says in each of HERA's ten conversations, turn by turn."""
    lines = TALKS.read_text(encoding="utf-8").splitlines()
    return [list(json.loads(line)["turns"]) for line in lines]
