"""A multiple-choice question of four options, from a row of any of three schemas.

HERA's own: `id`, `topic`, `question`, `options` (a list), `answer` (0 to 3). MedQA-USMLE with four
options (Jin et al. 2020, arXiv:2009.13081): `question`, `options` (a letter -> text object),
`answer_idx`. MedMCQA (Pal et al. 2022, arXiv:2203.14371): `id`, `question`, `opa` to `opd`, `cop`
(0 to 3 as on the Hub, 1 to 4 as first released and in some copies there: the values tell).
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from hera.data.fields import absent, identity, is_list, listed, nested, shown, whole_number
from hera.data.reading import ready_rows, typed, unique
from hera.errors import DataError
from hera.refs import Ref

LETTERS = ("A", "B", "C", "D")
_NO_TOPIC = "all"
_EXAMPLE = (
    'Wanted: {"id": "1", "question": "...", "options": ["...", "...", "...", "..."], "answer": 0}, '
    "MedQA's fields or MedMCQA's."
)


@dataclass(frozen=True)
class Choice:
    """One question with four options, of which `answer` (0 to 3) is the right one."""

    id: str
    topic: str
    question: str
    options: tuple[str, ...]
    answer: int


def load_choices(ref: str | Ref, split: str = "test", *, most: int | None = None) -> list[Choice]:
    """Read multiple-choice questions of four options: MedQA-USMLE, MedMCQA or HERA's own.

    Args:
        ref: a file (JSON, JSON Lines, CSV, Parquet, Arrow), a folder of them, or a Hub id.
        split: which of a folder's or a Hub repository's splits.
        most: how many rows there may be; None for any number.

    Raises:
        DataError: nothing there, no such split among several, too many rows, or rows that are no
            such question (the first is named, all are counted).
    """
    ref = Ref.of(ref, "--data")
    rows = ready_rows(ref, split, strict=True, most=most)
    number, first = itertools.count(1), _first_cop(rows)
    return unique(
        typed(rows, lambda row, where: read_choice(row, where, next(number), first), ref, None), ref
    )


def read_choice(row: Any, where: str, number: int, first_cop: int | None) -> Choice:
    """A row as a question.

    Args:
        row: one of the three schemas, told apart by the columns.
        where: the row's place, for the errors.
        number: the row's number, the id of a MedQA row, which has none of its own.
        first_cop: what MedMCQA's `cop` counts from; None where the data do not tell.

    Raises:
        DataError: a column is missing, there are not four options, or the answer is none of them.
    """
    if not isinstance(row, Mapping):
        raise DataError(f"{where}: no question ({listed(row)}). {_EXAMPLE}")
    question = row.get("question")
    if not isinstance(question, str) or not question.strip():
        raise DataError(f"{where}: no question ({listed(row)}). {_EXAMPLE}")
    given = nested(row.get("options"), where)
    if "opa" in row:
        options, answer = [row.get(f"op{x}") for x in "abcd"], _cop(row, where, first_cop)
        topic, own_id = row.get("subject_name"), identity(row.get("id"))
    elif isinstance(given, Mapping):
        options, answer = _lettered(given, where), _letter(row, given, where)
        topic, own_id = row.get("meta_info"), identity(row.get("id"), number)
    elif absent(given):
        raise DataError(f"{where}: no options ({listed(row)}). {_EXAMPLE}")
    else:
        options = list(given) if is_list(given) else [given]
        answer = _number(row.get("answer"), "answer", where)
        topic, own_id = row.get("topic"), identity(row.get("id"))
    if own_id is None:
        raise DataError(f"{where}: no id ({listed(row)}).")
    return Choice(
        id=own_id,
        topic=topic if isinstance(topic, str) and topic else _NO_TOPIC,
        question=question.strip(),
        options=_four(options, where),
        answer=answer,
    )


def _four(options: Sequence[Any], where: str) -> tuple[str, ...]:
    texts = tuple(o.strip() for o in options if isinstance(o, str) and o.strip())
    if len(texts) != len(LETTERS) or len(options) != len(LETTERS):
        raise DataError(f"{where}: {len(texts)} options with text instead of four.")
    return texts


def _lettered(options: Mapping[str, Any], where: str) -> list[Any]:
    # Data sets of mixed rows come from the Hub with a null for every letter that a row lacks.
    there = [key for key in options if options[key] is not None]
    if len(there) == len(LETTERS) and set(there) != set(LETTERS):
        raise DataError(f"{where}: the options are not A, B, C and D but {shown(there)}.")
    return [options[key] for key in sorted(there)]


def _letter(row: Mapping[str, Any], options: Mapping[str, Any], where: str) -> int:
    label, answer = row.get("answer_idx"), row.get("answer")
    if label not in LETTERS:
        raise DataError(f"{where}: answer_idx is {shown(label)}, not A, B, C or D.")
    if answer != options.get(label) and answer in options.values() and not absent(answer):
        raise DataError(f"{where}: answer_idx is {label}, and answer is another option's text.")
    return LETTERS.index(label)


def _first_cop(rows: Sequence[Any]) -> int | None:
    """What `cop` counts from: 0 where it is 0 somewhere, 1 where it is 4; else that is not told."""
    cops = {whole_number(row.get("cop")) for row in rows if isinstance(row, Mapping)}
    if 0 in cops:
        return 0
    return 1 if len(LETTERS) in cops else None


def _cop(row: Mapping[str, Any], where: str, first: int | None) -> int:
    label = whole_number(row.get("cop"))
    if label == -1 or "cop" not in row:
        raise DataError(
            f"{where}: cop is {'-1' if label else 'not there'}: MedMCQA's test split comes without "
            "its answers. Score its validation split."
        )
    if label == len(LETTERS) and first == 0:
        raise DataError(
            f"{where}: cop is 4, and 0 elsewhere: the file counts from 0 and from 1. Take one of "
            "the two releases."
        )
    if first is None and label in (1, 2, 3):
        raise DataError(
            f"{where}: cop is {label}, and nowhere 0 or 4: whether it counts from 0 (as on the "
            "Hub) or from 1 (as first released) cannot be told. Give more of the data."
        )
    return _number(row["cop"], "cop", where, first or 0)


def _number(value: Any, name: str, where: str, first: int = 0) -> int:
    number = whole_number(value)
    if number is None or not 0 <= number - first < len(LETTERS):
        wanted = ", ".join(str(first + i) for i in range(len(LETTERS) - 1))
        raise DataError(
            f"{where}: {name} is {shown(value)}, not {wanted} or {first + len(LETTERS) - 1}."
        )
    return number - first
