"""A visitor's file: what is read of it, what is refused, and that it is gone."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from hera.errors import DataError
from hera.ui.upload import MOST_QUESTIONS, read_comparison, read_upload

ROW = {"question": "Does it help?", "context": ["It does."], "final_decision": "yes"}


def rows(count: int) -> bytes:
    return json.dumps([{"id": i, **ROW} for i in range(count)]).encode()


def parquet(**row: object) -> bytes:
    sink = pa.BufferOutputStream()
    pq.write_table(pa.Table.from_pylist([{"id": i, **ROW, **row} for i in range(100)]), sink)
    return bytes(sink.getvalue())


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """As Gradio makes it: named after what is in the file."""
    folder = tmp_path / "0123"
    folder.mkdir()
    return folder


@pytest.mark.parametrize(("name", "content"), [("embedded", rows(3)), ("q.parquet", parquet())])
def test_it_is_read_and_gone(folder: Path, name: str, content: bytes) -> None:
    (folder / name).write_bytes(content)
    asked = read_upload(str(folder / name))
    assert asked.own
    assert not asked.ref.is_embedded
    assert str(folder) not in str(asked.ref)
    assert not folder.exists()


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("q.csv", b"a,b\n1,2\n", "q.csv, row 1: no question (fields: a, b)"),
        ("q.txt", b"Dear doctor", "q.txt, line 1: no JSON"),
        ("q.json", rows(MOST_QUESTIONS + 1), "q.json: it holds 5,001 rows; give at most 5,000."),
        ("q.json", b" " * (10 * 2**20 + 1), "q.json: larger than 10 MB"),
        ("q.json.gz", gzip.compress(rows(1), mtime=0), "q.json.gz: packed"),
        ("q.parquet", b"PAR1 torn", "q.parquet: cannot be read"),
        ("q.parquet", parquet(context=["x" * 2**21]), "q.parquet: too large once it is unpacked"),
        ("q.parquet", parquet(context=["x"] * 10_001), "q.parquet: too large once it is unpacked"),
    ],
)
def test_what_is_refused_is_one_line_and_gone(
    folder: Path, name: str, content: bytes, says: str
) -> None:
    (folder / name).write_bytes(content)
    with pytest.raises(DataError) as refused:
        read_upload(str(folder / name))
    assert says in str(refused.value)
    assert str(folder) not in str(refused.value)
    assert "\n" not in str(refused.value)
    assert not folder.exists()


@pytest.mark.parametrize("content", [b"{}", b" " * (8 * 2**20 + 1)])
def test_a_comparison_is_gone_as_well(folder: Path, content: bytes) -> None:
    (folder / "c.json").write_bytes(content)
    with pytest.raises(DataError, match=r"^c\.json: [^\n]+$"):
        read_comparison(str(folder / "c.json"))
    assert not folder.exists()


def test_what_did_not_arrive_is_said(folder: Path) -> None:
    with pytest.raises(DataError, match=r"^q\.json: the upload did not arrive"):
        read_upload(str(folder / "q.json"))
