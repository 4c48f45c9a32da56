"""Rows of any content, written in every format, encoding and line ending that people have."""

from __future__ import annotations

import csv
import gzip
import io
import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pyarrow as pa
import pyarrow.ipc as ipc
import pyarrow.parquet as pq
from hypothesis import strategies as st

Rows = list[dict[str, Any]]

_ODD = [
    *("None", "nan", "NaN", "null", "[]", "{}", "['a']", '["a"]', "[None]", "[1]", "0.0", "-1"),
    *("yes", "True", "7.0", "\u2028", "\u2029", "\x85", "\x00", "\x1c", "\ufeff", "\r\n", "\r"),
    *(",", '"', '""', "\\ud83c", "\ud83c", "\udf75", "\ud83c\udf75", "🍵", "\ufffe", "=1+1", " "),
]
_any = st.one_of(
    st.text(st.characters(exclude_categories=[]), max_size=12),
    st.lists(st.sampled_from([*_ODD, "tea", "Rest well."]), min_size=1, max_size=4).map("".join),
)
texts = _any.map(lambda text: f"{text}a" if text in ("nan", "NaN") else text)
"""Any Unicode text, half characters included, often of what is mistaken for something else;
"nan" alone is none in CSV."""

filled = texts.map(lambda text: text if whole(text).strip() else f"{text}tea{text}")
"""A text that says something."""

plain = filled.map(lambda text: f"Q{text}" if looks_nested(text) else text)
"""A text that is no list or object which a table keeps as text."""

values = st.recursive(
    st.one_of(
        st.none(), st.booleans(), st.integers(-(10**20), 10**20), st.floats(), texts, st.just("")
    ),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=6,
)
"""Whatever JSON can hold."""


def whole(text: str) -> str:
    """The text as it must be read: each lone half of a character replaced."""
    joined = re.sub(
        "[\ud800-\udbff][\udc00-\udfff]",
        lambda pair: chr(0x10000 + ((ord(pair[0][0]) - 0xD800) << 10) + ord(pair[0][1]) - 0xDC00),
        text,
    )
    return re.sub("[\ud800-\udfff]", "\ufffd", joined)


def looks_nested(text: str) -> bool:
    """Whether a text could be a list or an object that a table keeps as text."""
    return text.lstrip()[:1] in ("[", "{") or text.lstrip().startswith("array(")


def all_whole(value: Any) -> Any:
    """The same value with every text, keys included, as `whole` makes it."""
    if isinstance(value, str):
        return whole(value)
    if isinstance(value, list):
        return [all_whole(item) for item in value]
    if isinstance(value, dict):
        return {whole(key): all_whole(item) for key, item in value.items()}
    return value


@dataclass(frozen=True)
class File:
    """A way to write rows: the file's name, and its bytes."""

    name: str
    write: Callable[[Rows], bytes]
    kind: str = "json"

    def __repr__(self) -> str:
        return self.name


def _json_list(rows: Rows, **how: Any) -> str:
    return json.dumps(rows, **how)


def _json_lines(end: str) -> Callable[..., str]:
    return lambda rows, **how: end.join(json.dumps(row, **how) for row in rows) + end


def cell_text(value: Any) -> str:
    """What a table of texts keeps of a value."""
    if value is None:
        return ""
    return value if isinstance(value, str) else json.dumps(value)


def _csv(end: str, quoting: int) -> Callable[..., str]:
    def write(rows: Rows, **how: Any) -> str:
        names = list(dict.fromkeys(name for row in rows for name in row))
        sink = io.StringIO()
        writer = csv.writer(sink, lineterminator=end, quoting=quoting)  # type: ignore[arg-type]
        writer.writerow(names)
        writer.writerows([cell_text(row.get(name)) for name in names] for row in rows)
        return sink.getvalue()

    return write


def _in_text(
    name: str, write: Callable[..., str], encoding: str, *, ascii_only: bool, packed: bool
) -> File:
    def data(rows: Rows) -> bytes:
        text = write(rows, ensure_ascii=ascii_only).encode(encoding, "surrogatepass")
        return gzip.compress(text, 1) if packed else text

    made = f"{encoding}{'-ascii' * ascii_only}-{name}{'.gz' * packed}"
    return File(made, data, kind="csv" if ".csv" in name.lower() else "json")


def _parquet(rows: Rows) -> bytes:
    return _table(rows, lambda table, sink: pq.write_table(table, sink))


def _arrow(new: Callable[..., Any]) -> Callable[[Rows], bytes]:
    def write(table: pa.Table, sink: io.BytesIO) -> None:
        with new(sink, table.schema) as writer:
            writer.write_table(table)

    return lambda rows: _table(rows, write)


def _table(rows: Rows, write: Callable[[pa.Table, io.BytesIO], None]) -> bytes:
    names = list(dict.fromkeys(name for row in rows for name in row))
    columns = {whole(name): _column([all_whole(row.get(name)) for row in rows]) for name in names}
    sink = io.BytesIO()
    write(pa.table(columns), sink)
    return sink.getvalue()


def _column(cells: list[Any]) -> pa.Array:
    try:
        if not _has_empty_object(cells):  # of which Parquet makes nothing
            return pa.array(cells)
    except (pa.ArrowException, OverflowError, TypeError):
        pass  # values of two kinds
    return pa.array([None if cell is None else cell_text(cell) for cell in cells])


def _has_empty_object(value: Any) -> bool:
    if isinstance(value, dict):
        return not value or any(map(_has_empty_object, value.values()))
    return isinstance(value, list) and any(map(_has_empty_object, value))


_TEXTS: Sequence[tuple[str, Callable[..., str]]] = (
    ("list.json", _json_list),
    ("indented.JSON", lambda rows, **how: json.dumps(rows, indent=1, **how)),
    ("lf.jsonl", _json_lines("\n")),
    ("crlf.JsonL", _json_lines("\r\n")),
    ("cr.ndjson", _json_lines("\r")),
    ("lines.json", _json_lines("\n")),
    ("lines", _json_lines("\n\n")),
    ("crlf.csv", _csv("\r\n", csv.QUOTE_MINIMAL)),
    ("lf.CSV", _csv("\n", csv.QUOTE_ALL)),
    ("cr.csv", _csv("\r", csv.QUOTE_ALL)),
)
_ENCODINGS = ("utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-32-le")
TEXTS = [
    _in_text(name, write, encoding, ascii_only=ascii_only, packed=packed)
    for name, write in _TEXTS
    for encoding in _ENCODINGS
    for ascii_only in (False, True)
    for packed in (False, True)
]
TABLES = [
    File("table.parquet", _parquet, kind="table"),
    File("table.json", _parquet, kind="table"),
    File("file.arrow", _arrow(ipc.new_file), kind="table"),
    File("stream.arrow", _arrow(ipc.new_stream), kind="table"),
]
files = st.one_of(
    st.sampled_from([file for file in TEXTS if file.kind == "json"]),
    st.sampled_from([file for file in TEXTS if file.kind == "csv"]),
    st.sampled_from(TABLES),
)


def said_in(file: File, rows: Rows) -> set[str]:
    """Every text that a file of these rows holds."""
    said = set().union(*map(strings, rows))
    cells = [all_whole(value) for row in rows for value in row.values()]
    if file.kind == "csv":  # where numbers are texts as well
        cells = [value for value in cells if not isinstance(value, list | dict)]
    return said if file.kind == "json" else said.union(*(strings(cell_text(c)) for c in cells))


def strings(value: Any) -> set[str]:
    """Every text in a value, also in JSON that a text holds, as it may be read."""
    if isinstance(value, str):
        found = {whole(value), whole(value).strip()}
        try:
            inner = json.loads(value)
        except (ValueError, RecursionError):
            return found
        return found if isinstance(inner, str) else found | strings(inner)
    if isinstance(value, Mapping):
        return set().union(*map(strings, value.values()))
    return set().union(*map(strings, value)) if isinstance(value, list) else set()
