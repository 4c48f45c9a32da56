"""A multiple-choice question of four options, from a row of any of three schemas.

HERA's own: `id`, `topic`, `question`, `options` (a list), `answer` (0 to 3). MedQA-USMLE with four
options (Jin et al. 2020, arXiv:2009.13081): `question`, `options` (a letter -> text object),
`answer_idx`. MedMCQA (Pal et al. 2022, arXiv:2203.14371): `id`, `question`, `opa` to `opd`, `cop`
(0 to 3, as on the Hub).
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from hera.data.reading import ready_rows, typed, unique
from hera.errors import DataError
from hera.refs import Ref

LETTERS = ("A", "B", "C", "D")
_NO_TOPIC = "all"


@dataclass(frozen=True)
class Choice:
    """One question with four options, of which `answer` (0 to 3) is the right one."""

    id: str
    topic: str
    question: str
    options: tuple[str, ...]
    answer: int


def load_choices(ref: str | Ref, split: str = "test") -> list[Choice]:
    """Read multiple-choice questions of four options: MedQA-USMLE, MedMCQA or HERA's own.

    Args:
        ref: a .json/.jsonl/.parquet file, a folder of them, or a Hub id.
        split: which of a folder's or a Hub repository's splits.

    Raises:
        DataError: nothing there, no such split among several, or rows that are no such question
            (the first is named, all are counted).
    """
    ref = Ref.of(ref, "--data")
    rows = ready_rows(ref, split, strict=True)
    number = itertools.count(1)
    return unique(
        typed(rows, lambda row, where: read_choice(row, where, next(number)), ref, None), ref
    )


def read_choice(row: Any, where: str, number: int) -> Choice:
    """A row as a question.

    Args:
        row: one of the three schemas, told apart by the columns.
        where: the row's place, for the errors.
        number: the row's number, the id of a MedQA row, which has none of its own.

    Raises:
        DataError: a column is missing, there are not four options, or the answer is none of them.
    """
    if not isinstance(row, Mapping):
        raise DataError(f"{where}: expected an object with a question, options and an answer.")
    question = row.get("question")
    if not isinstance(question, str) or not question.strip():
        raise DataError(f"{where}: no question (fields: {', '.join(map(str, row))}).")
    if "opa" in row:
        options, answer = [row.get(f"op{letter}") for letter in "abcd"], _cop(row, where)
        topic, identity = row.get("subject_name"), row.get("id")
    elif isinstance(row.get("options"), Mapping):
        options, answer = _lettered(row["options"]), _letter(row, where)
        topic, identity = row.get("meta_info"), row.get("id", number)
    else:
        options, answer = _listed(row.get("options")), _index(row, where)
        topic, identity = row.get("topic"), row.get("id")
    if identity is None or not str(identity).strip():
        raise DataError(f"{where}: no id.")
    return Choice(
        id=str(identity),
        topic=str(topic or _NO_TOPIC),
        question=question.strip(),
        options=_four(options, where),
        answer=answer,
    )


def _four(options: Sequence[Any], where: str) -> tuple[str, ...]:
    texts = tuple(o.strip() for o in options if isinstance(o, str) and o.strip())
    if len(texts) != len(LETTERS) or len(options) != len(LETTERS):
        raise DataError(f"{where}: {len(texts)} options with text instead of four.")
    return texts


def _lettered(options: Mapping[str, Any]) -> list[Any]:
    # Data sets of mixed rows come from the Hub with a null for every letter that a row lacks.
    return [options[key] for key in sorted(options) if options[key] is not None]


def _listed(options: Any) -> list[Any]:
    return list(options) if isinstance(options, Sequence) and not isinstance(options, str) else []


def _letter(row: Mapping[str, Any], where: str) -> int:
    label = row.get("answer_idx")
    if label not in LETTERS:
        raise DataError(f"{where}: answer_idx is {label!r}, not A, B, C or D.")
    return LETTERS.index(label)


def _cop(row: Mapping[str, Any], where: str) -> int:
    label = row.get("cop")
    if label == -1:
        raise DataError(
            f"{where}: cop is -1: MedMCQA's test split comes without its answers. Score its "
            "validation split."
        )
    if label == len(LETTERS):
        raise DataError(
            f"{where}: cop is 4: this file counts from 1, as MedMCQA's first release does. "
            "Subtract 1, or take the Hub's data set, which counts from 0."
        )
    return _number(label, "cop", where)


def _index(row: Mapping[str, Any], where: str) -> int:
    return _number(row.get("answer"), "answer", where)


def _number(label: Any, name: str, where: str) -> int:
    if isinstance(label, bool) or not isinstance(label, int) or not 0 <= label < len(LETTERS):
        raise DataError(f"{where}: {name} is {label!r}, not 0, 1, 2 or 3.")
    return label
