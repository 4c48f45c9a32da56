"""Every format, under whatever name, with what real files have in them."""

from __future__ import annotations

import gzip
import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.ipc as ipc
import pyarrow.parquet as pq
import pytest

from hera.data import fingerprint, load_choices, load_dialogues, load_pubmedqa
from hera.errors import DataError

ODD = "Red\u2028and\u2029green\x85tea\x0b, “ü” 🍵"
ROWS: list[dict[str, Any]] = [
    {
        "pubid": 7 + i,
        "question": f"Does tea help {what}?",
        "context": {"contexts": ["We asked.", f"{ODD} {what}."], "labels": ["AIM", "RESULTS"]},
        "long_answer": "It did.",
        "final_decision": "yes",
    }
    for i, what in enumerate(("sleep", "pain", "mood"))
]


def lines(rows: list[Any], end: str = "\n", *, ascii_only: bool = False) -> bytes:
    return end.join(json.dumps(row, ensure_ascii=ascii_only) for row in rows).encode()


def arrow(rows: list[Any], new: Callable[..., Any]) -> bytes:
    table, sink = pa.Table.from_pylist(rows), io.BytesIO()
    with new(sink, table.schema) as writer:
        writer.write_table(table)
    return sink.getvalue()


def parquet(rows: list[Any]) -> bytes:
    sink = io.BytesIO()
    pq.write_table(pa.Table.from_pylist(rows), sink)
    return sink.getvalue()


def csv(rows: list[Any]) -> bytes:
    flat = [
        {k: v if isinstance(v, str | int) else json.dumps(v) for k, v in row.items()}
        for row in rows
    ]
    return str(pd.DataFrame(flat).to_csv(index=False)).encode()


BOM = b"\xef\xbb\xbf"
FILES: dict[str, bytes] = {
    "list.json": json.dumps(ROWS, indent=2, ensure_ascii=False).encode(),
    "bom.json": BOM + json.dumps(ROWS, ensure_ascii=False).encode(),
    "utf16.json": json.dumps(ROWS, ensure_ascii=False).encode("utf-16"),
    "object.json": json.dumps({str(row["pubid"]): row for row in ROWS}).encode(),
    "lines.jsonl": lines(ROWS),
    "ascii.jsonl": lines(ROWS, ascii_only=True),
    "lines_named.json": lines(ROWS),
    "UPPER.JSONL": lines(ROWS),
    "lines.ndjson": lines(ROWS) + b"\n\n",
    "crlf.jsonl": BOM + lines(ROWS, "\r\n") + b"\r\n",
    "joined.jsonl": BOM + lines(ROWS[:1]) + b"\n" + BOM + lines(ROWS[1:]),
    "pretty.jsonl": "\n".join(json.dumps(row, indent=1) for row in ROWS).encode(),
    "list_named.jsonl": json.dumps(ROWS).encode(),
    "table.parquet": parquet(ROWS),
    "table_named.json": parquet(ROWS),
    "file.arrow": arrow(ROWS, ipc.new_file),
    "stream.arrow": arrow(ROWS, ipc.new_stream),
    "table.csv": csv(ROWS),
    "Excel.CSV": BOM + csv(ROWS).replace(b"\n", b"\r\n"),
    "lines.jsonl.gz": gzip.compress(lines(ROWS)),
    "table.csv.gz": gzip.compress(csv(ROWS)),
    "table.parquet.gz": gzip.compress(parquet(ROWS)),
    "packed_without_saying_so.json": gzip.compress(lines(ROWS)),
}


@pytest.mark.parametrize("name", FILES)
def test_the_same_questions_from_every_file(tmp_path: Path, name: str) -> None:
    (tmp_path / "plain.json").write_text(json.dumps(ROWS))
    plain = load_pubmedqa(str(tmp_path / "plain.json"))
    (tmp_path / name).write_bytes(FILES[name])
    read = load_pubmedqa(str(tmp_path / name))
    assert [q.id for q in read] == ["7", "8", "9"]
    assert ODD in read[1].contexts[1]
    assert fingerprint(read) == fingerprint(plain)


def test_one_row_alone_is_a_row(tmp_path: Path) -> None:
    path = tmp_path / "one.jsonl"
    path.write_bytes(lines(ROWS[:1]))
    assert [q.id for q in load_pubmedqa(str(path))] == ["7"]


@pytest.mark.parametrize("half", [r"\ud83c", r"\uDF75", r"\udf75\ud83c"])
@pytest.mark.parametrize("name", ["rows.json", "rows.jsonl", "rows.csv"])
def test_half_a_character_is_replaced(tmp_path: Path, name: str, half: str) -> None:
    row = {**ROWS[0], "context": {"contexts": [r"Half HERE, whole \u00fc."], "labels": []}}
    text = (csv([row]) if name.endswith("csv") else lines([row])).decode()
    escaped = text.replace(r"\\u00fc", r"\u00fc").replace("HERE", half)
    (tmp_path / name).write_text(escaped, encoding="utf-8")
    questions = load_pubmedqa(str(tmp_path / name))
    replaced = "\ufffd" * half.count("\\")
    assert questions[0].contexts == (f"Half {replaced}, whole ü.",)
    assert fingerprint(questions)


def test_half_a_character_stored_raw(tmp_path: Path) -> None:
    path = tmp_path / "d.jsonl"
    row = json.dumps({"input": "I cough \ud83c.", "output": "Rest."}, ensure_ascii=False)
    path.write_bytes(row.encode("utf-8", "surrogatepass"))
    assert load_dialogues(str(path))[0].patient == "I cough \ufffd."


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("empty.jsonl", b"", "it holds no rows"),
        ("torn.jsonl", lines(ROWS)[:-9], "line 3: no JSON"),
        ("text.json", b"Dear all,\n", "line 1: no JSON"),
        ("deep.json", b"[" * 100_000, "cannot be read"),
        ("latin.jsonl", '{"question": "ü"}'.encode("latin-1"), "not in UTF-8"),
        ("torn.parquet", parquet(ROWS)[:200], "cannot be read"),
        ("torn.arrow", arrow(ROWS, ipc.new_file)[:200], "cannot be read"),
        ("torn.jsonl.gz", gzip.compress(lines(ROWS))[:-20], "cannot be read"),
        ("ragged.csv", b"question,context\na,b,c\na,b,c,d\n", "cannot be read"),
        (
            "pointer.parquet",
            b"version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 9\n",
            "a Git LFS pointer instead of the data. Run `git lfs pull`",
        ),
        ("list.csv", b"pubid,question,context\n1,Q?,\"['a', 'b']\"\n", "kept as text that is no"),
    ],
)
def test_one_line_for_a_file_that_is_none(
    tmp_path: Path, name: str, content: bytes, says: str
) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(DataError, match=says) as caught:
        load_pubmedqa(str(tmp_path / name))
    assert "\n" not in str(caught.value)
    assert name in str(caught.value)


def test_a_folder_as_datasets_saves_it(tmp_path: Path) -> None:
    for split, rows in (("train", ROWS[:1]), ("test", ROWS[1:])):
        folder = tmp_path / "latest" / split
        folder.mkdir(parents=True)
        (folder / "data-00000-of-00001.arrow").write_bytes(arrow(rows, ipc.new_stream))
        (folder / "cache-0af3.arrow").write_bytes(arrow(ROWS, ipc.new_stream))
        (folder / "state.json").write_text('{"_split": null}')
        (folder / "dataset_info.json").write_text("{}")
    (tmp_path / "latest" / ".cache").mkdir()
    (tmp_path / "latest" / ".cache" / "test.json").write_bytes(lines(ROWS))
    assert [q.id for q in load_pubmedqa(str(tmp_path / "latest"), "train")] == ["7"]
    assert [q.id for q in load_pubmedqa(str(tmp_path / "latest"), "test")] == ["8", "9"]


@pytest.mark.parametrize(
    ("labelled", "artificial"),
    [
        ("pqa_labeled/train-00000-of-00001.parquet", "pqa_artificial/train-00000-of-00001.parquet"),
        ("data/ori_pqal.json", "data/ori_pqaa.json"),
    ],
    ids=["hub", "github"],
)
def test_a_clone_of_pubmedqa(tmp_path: Path, labelled: str, artificial: str) -> None:
    for name, rows in ((labelled, ROWS[:2]), (artificial, ROWS[2:])):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        keyed = json.dumps({str(row["pubid"]): row for row in rows}).encode()
        (tmp_path / name).write_bytes(keyed if name.endswith("json") else parquet(rows))
    (tmp_path / Path(labelled).parent / "test_ground_truth.json").write_text('{"7": "yes"}')
    if "labeled" in labelled:
        (tmp_path / Path(labelled).parent / "test_ground_truth.json").unlink()
    assert [q.id for q in load_pubmedqa(str(tmp_path), "test")] == ["7", "8"]
    assert [q.id for q in load_pubmedqa(str(tmp_path), "train")] == ["9"]


def test_choices_from_a_table_of_text(tmp_path: Path) -> None:
    path = tmp_path / "rows.csv"
    options = json.dumps(["rest", "water", "a splint", "a scan"])
    rows = [{"id": "1.0", "question": "What?", "options": options, "answer": "2.0"}]
    path.write_bytes(csv(rows))
    choice = load_choices(str(path))[0]
    assert (choice.id, choice.options[choice.answer]) == ("1", "a splint")
