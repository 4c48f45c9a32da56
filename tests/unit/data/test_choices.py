"""Multiple choice in every schema that people have."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from hera.data import Choice, load_choices
from hera.errors import DataError

TEXTS = ("rest", "water", "a splint", "a scan")
MEDQA: dict[str, Any] = {
    "question": "What helps?",
    "answer": "a splint",
    "options": dict(zip("ABCD", TEXTS, strict=True)),
    "answer_idx": "C",
    "meta_info": "step1",
}
MEDMCQA: dict[str, Any] = {
    "id": "e9ad",
    "question": "What helps?",
    **{f"op{letter}": text for letter, text in zip("abcd", TEXTS, strict=True)},
    "cop": 0,
    "choice_type": "single",
    "subject_name": "Surgery",
}
OWN: dict[str, Any] = {
    "id": "x-01",
    "topic": "bones",
    "question": "What helps?",
    "options": list(TEXTS),
    "answer": 2,
}


def write(path: Path, rows: list[Any]) -> str:
    if path.suffix == ".parquet":
        pq.write_table(pa.Table.from_pylist(rows), path)
    elif path.suffix == ".json":
        path.write_text(json.dumps(rows), encoding="utf-8")
    else:
        path.write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
    return str(path)


@pytest.mark.parametrize("suffix", [".json", ".jsonl", ".parquet"])
@pytest.mark.parametrize(
    ("row", "identity", "topic", "answer"),
    [
        (MEDQA, "1", "step1", 2),
        (MEDMCQA, "e9ad", "Surgery", 0),
        ({**MEDMCQA, "cop": 4}, "e9ad", "Surgery", 3),
        (OWN, "x-01", "bones", 2),
    ],
    ids=["medqa", "medmcqa", "medmcqa_as_first_released", "own"],
)
def test_every_schema_in_every_format(
    tmp_path: Path, suffix: str, row: dict[str, Any], identity: str, topic: str, answer: int
) -> None:
    read = load_choices(write(tmp_path / f"rows{suffix}", [row]))
    assert read == [Choice(identity, topic, "What helps?", TEXTS, answer)]


@pytest.mark.parametrize(
    ("rows", "says"),
    [
        ([], "no rows"),
        ([{**MEDQA, "answer_idx": "E"}], "row 1: answer_idx is 'E', not A, B, C or D"),
        ([{**MEDQA, "options": {**MEDQA["options"], "E": "a cast"}}], "5 options with text"),
        ([{**MEDQA, "options": {"A": "rest", "B": "water"}, "answer_idx": "A"}], "2 options"),
        ([{**MEDMCQA, "opd": None}], "3 options with text instead of four"),
        ([{**MEDMCQA, "cop": -1}], "cop is -1: MedMCQA's test split comes without its answers"),
        (
            [{**MEDMCQA, "cop": 4}, {**MEDMCQA, "id": "b", "cop": 0}],
            "row 1: cop is 4, and 0 elsewhere: the file counts from 0 and from 1",
        ),
        ([{**MEDMCQA, "cop": 4}, {**MEDMCQA, "cop": 5}], "cop is 5, not 1, 2, 3 or 4"),
        ([{k: v for k, v in MEDMCQA.items() if k != "cop"}], "cop is not there: MedMCQA's test"),
        ([{"id": "1", "question": "Why?"}], r"no options \(fields: id, question\). Wanted: {"),
        ([{"text": "Why?"}], r"no question \(fields: text\). Wanted: {"),
        ([{**MEDMCQA, "cop": "b"}], "cop is 'b', not 0, 1, 2 or 3"),
        ([{**MEDMCQA, "cop": 2}], "cop is 2, and nowhere 0 or 4: whether it counts from 0"),
        (
            [{**MEDQA, "options": dict(zip("BCDE", TEXTS, strict=True))}],
            r"the options are not A, B, C and D but \['B', 'C', 'D', 'E'\]",
        ),
        ([{**MEDQA, "answer": "rest"}], "answer_idx is C, and answer is another option's text"),
        ([{**MEDMCQA, "id": None}], "row 1: no id"),
        ([MEDMCQA, MEDMCQA], "the id e9ad occurs twice"),
        ([OWN, {**OWN, "id": "x-02", "question": " "}], "row 2: no question"),
        ([OWN, *[{**OWN, "id": str(i), "answer": 7} for i in range(3)]], "3 of 4 rows cannot"),
        ([{**OWN, "options": "rest"}], "1 options"),
        (["text"], "row 1: no question .it is 'text', not an object.. Wanted"),
    ],
)
def test_rows_that_are_no_questions(tmp_path: Path, rows: list[Any], says: str) -> None:
    with pytest.raises(DataError, match=says) as caught:
        load_choices(write(tmp_path / "rows.json", rows))
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("cops", "answers"),
    [
        ([1, 2, 3, 4], [0, 1, 2, 3]),
        (["4", "1"], [3, 0]),
        ([4.0, 2.0], [3, 1]),
        ([0, 1, 3], [0, 1, 3]),
    ],
)
def test_medmcqa_counts_from_0_or_as_first_released_from_1(
    tmp_path: Path, cops: list[Any], answers: list[int]
) -> None:
    rows = [{**MEDMCQA, "id": str(i), "cop": cop} for i, cop in enumerate(cops)]
    path = tmp_path / "dev.json"
    path.write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
    assert [choice.answer for choice in load_choices(str(path))] == answers


def test_a_folder_gives_the_split_that_is_asked_for(tmp_path: Path) -> None:
    write(tmp_path / "train-0.parquet", [{**MEDMCQA, "id": "a"}])
    write(tmp_path / "validation-0.parquet", [{**MEDMCQA, "id": "b"}])
    assert [c.id for c in load_choices(str(tmp_path), "validation")] == ["b"]
    with pytest.raises(DataError, match="no file is named after the split 'test'"):
        load_choices(str(tmp_path), "test")
