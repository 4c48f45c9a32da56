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
