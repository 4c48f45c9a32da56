"""PubMedQA and dialogues in every shape people have them, and clear errors for the rest."""

import json
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from hera.data import fingerprint, load_dialogues, load_pubmedqa
from hera.errors import DataError

HUB_ROWS: list[dict[str, Any]] = [
    {
        "pubid": 7,
        "question": "Does tea help sleep?",
        "context": {"contexts": ["We asked.", "They slept."], "labels": ["AIM", "RESULTS"]},
        "long_answer": "It did.",
        "final_decision": "yes",
    },
    {
        "pubid": 8,
        "question": "Does tea help pain?",
        "context": {"contexts": ["We asked again."], "labels": ["AIM"]},
        "long_answer": "It did not.",
        "final_decision": "no",
    },
]
ORI_ROWS = {
    str(row["pubid"]): {
        "QUESTION": row["question"],
        "CONTEXTS": row["context"]["contexts"],
        "LABELS": row["context"]["labels"],
        "LONG_ANSWER": row["long_answer"],
        "final_decision": row["final_decision"],
    }
    for row in HUB_ROWS
}


def test_every_file_shape_gives_the_same_questions(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_text("\n".join(json.dumps(r) for r in HUB_ROWS))
    (tmp_path / "b.json").write_text(json.dumps(ORI_ROWS))
    pq.write_table(pa.Table.from_pylist(HUB_ROWS), tmp_path / "c.parquet")
    loaded = [load_pubmedqa(str(path)) for path in sorted(tmp_path.iterdir())]
    assert loaded[0] == loaded[1] == loaded[2]
    assert loaded[0][0].contexts == ("We asked.", "They slept.")
    assert len({fingerprint(rows) for rows in loaded}) == 1


@pytest.mark.parametrize(
    ("rows", "says"),
    [
        ([], "no rows"),
        ([{**HUB_ROWS[0], "final_decision": "perhaps"}], r"row 1: final_decision is 'perhaps'"),
        ([HUB_ROWS[0], {**HUB_ROWS[1], "pubid": 7}], "the id 7 occurs twice"),
        ([HUB_ROWS[0], {**HUB_ROWS[1], "pubid": None}], "row 2: no pubid"),
        ([HUB_ROWS[0], {**HUB_ROWS[1], "context": {"contexts": ["", " "]}}], "row 2: no contexts"),
        ([{**r, "final_decision": "?"} for r in HUB_ROWS], "2 of 2 rows cannot be used"),
        ([HUB_ROWS[0], {"text": "x"}], r"row 2: no question \(fields: text\)"),
        ([{**HUB_ROWS[0], "context": {"contexts": []}}], "row 1: no contexts"),
    ],
)
def test_rows_that_are_no_questions(tmp_path: Path, rows: list[Any], says: str) -> None:
    path = tmp_path / "rows.json"
    path.write_text(json.dumps(rows))
    with pytest.raises(DataError, match=says):
        load_pubmedqa(str(path))


CONTEXTS = ["We asked.", "They slept."]
FLAT = {k: v for k, v in HUB_ROWS[0].items() if k not in ("context", "final_decision")}
SHAPES: dict[str, tuple[dict[str, Any], list[str]]] = {
    "list": ({**FLAT, "context": CONTEXTS, "final_decision": "yes"}, CONTEXTS),
    "contexts": ({**FLAT, "contexts": CONTEXTS, "final_decision": " Yes"}, CONTEXTS),
    "text": ({**FLAT, "context": "We asked.", "final_decision": "yes"}, CONTEXTS[:1]),
    "bracket": ({**FLAT, "context": "[Aim] We.", "final_decision": "yes"}, ["[Aim] We."]),
    "json": ({**FLAT, "context": json.dumps(CONTEXTS), "final_decision": "yes"}, CONTEXTS),
    "json_object": (
        {**FLAT, "context": json.dumps({"contexts": CONTEXTS}), "final_decision": "yes"},
        CONTEXTS,
    ),
    "json_inside": (
        {**FLAT, "context": {"contexts": json.dumps(CONTEXTS)}, "final_decision": "yes"},
        CONTEXTS,
    ),
    "null": (
        {**FLAT, "context": {"contexts": ["We asked.", None]}, "final_decision": "yes"},
        CONTEXTS[:1],
    ),
    "nulls_of_another_shape": (
        {**FLAT, "CONTEXTS": None, "QUESTION": None, "context": CONTEXTS, "answer": ["yes"]},
        CONTEXTS,
    ),
    "bigbio": (
        {
            "id": "7",
            "question_id": "7",
            "document_id": "7",
            "question": "Does tea help sleep?",
            "type": "yesno",
            "choices": ["yes", "no", "maybe"],
            "context": "We asked.",
            "answer": ["yes"],
        },
        CONTEXTS[:1],
    ),
}


@pytest.mark.parametrize("suffix", [".json", ".parquet"])
@pytest.mark.parametrize("shape", SHAPES)
def test_every_row_shape(tmp_path: Path, shape: str, suffix: str) -> None:
    row, contexts = SHAPES[shape]
    path = tmp_path / f"q{suffix}"
    if suffix == ".parquet":
        pq.write_table(pa.Table.from_pylist([row]), path)
    else:
        path.write_text(json.dumps([row]))
    question = load_pubmedqa(str(path))[0]
    assert (question.id, question.decision) == ("7", "yes")
    assert question.contexts == tuple(contexts)


@pytest.mark.parametrize(
    ("given", "identity"),
    [(7, "7"), (7.0, "7"), ("7", "7"), (" 7.0 ", "7"), ("007", "007"), ("a-1.0b", "a-1.0b")],
)
def test_ids_of_every_kind(tmp_path: Path, given: Any, identity: str) -> None:
    path = tmp_path / "q.json"
    path.write_text(json.dumps([{**HUB_ROWS[0], "pubid": given}]))
    assert load_pubmedqa(str(path))[0].id == identity


def test_an_id_that_is_null_beside_one_that_is_none(tmp_path: Path) -> None:
    path = tmp_path / "q.json"
    path.write_text(json.dumps([{**HUB_ROWS[0], "pubid": float("nan"), "pmid": 9}]))
    assert load_pubmedqa(str(path))[0].id == "9"


def test_an_unknown_shape_is_named_with_an_example(tmp_path: Path) -> None:
    path = tmp_path / "q.jsonl"
    path.write_text(json.dumps({"text": "x", "target": 1}))
    with pytest.raises(DataError, match=r'\(fields: text, target\). Wanted: {"pubid": 1') as caught:
        load_pubmedqa(str(path))
    assert "\n" not in str(caught.value)


def test_missing_and_broken_files(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="no such file"):
        load_pubmedqa(str(tmp_path / "absent.json"))
    (tmp_path / "broken.jsonl").write_text('{"pubid": 1}\n{oops\n')
    with pytest.raises(DataError, match="line 2"):
        load_pubmedqa(str(tmp_path / "broken.jsonl"))


def test_dialogues(tmp_path: Path) -> None:
    path = tmp_path / "d.jsonl"
    path.write_text(json.dumps({"instruction": "-", "input": " Hi. ", "output": "Hello."}))
    assert load_dialogues(str(path))[0].patient == "Hi."
    path.write_text(json.dumps({"instruction": "-", "input": "Hi."}))
    with pytest.raises(DataError, match=r"row 1: no 'output'"):
        load_dialogues(str(path))


def test_the_earlier_turns_of_a_dialogue(tmp_path: Path) -> None:
    path = tmp_path / "d.jsonl"
    row = {"instruction": "-", "input": "And now?", "output": "Rest."}
    earlier = [["My knee hurts.", "Since when?"], ["Monday ", "I see."]]
    path.write_text(json.dumps({**row, "history": earlier}) + "\n" + json.dumps(row))
    first, second = load_dialogues(str(path))
    assert [m["content"] for m in first.asked()] == [
        "My knee hurts.", "Since when?", "Monday", "I see.", "And now?",
    ]  # fmt: skip
    assert [m["role"] for m in first.asked()] == ["user", "assistant"] * 2 + ["user"]
    assert first.asked("Cut.")[-1] == {"role": "user", "content": "Cut."}
    assert second.asked() == [{"role": "user", "content": "And now?"}]
    for wrong in (["My knee hurts."], [["My knee hurts."]], [["a", " "]], [["a", 1]], ["ab"]):
        path.write_text(json.dumps({**row, "history": wrong}))
        with pytest.raises(DataError, match=r"row 1: 'history' is no list"):
            load_dialogues(str(path))
