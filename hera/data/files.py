"""The rows of one file and the data files of a folder, in the formats that people have.

What a file holds says its format; CSV alone goes by its name. Parquet and Arrow are read by
`pyarrow`. JSON and CSV are read by Python, in any Unicode encoding: values of mixed kinds, an
object of pmid -> row and lone surrogates (each becomes a replacement character) are nothing that a
table's reader takes, and `pandas` drops without a word the cells that a CSV row has too many.
"""

from __future__ import annotations

import csv
import gzip
import io
import json
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from hera.data.fields import without_half_characters
from hera.errors import DataError, one_line
from hera.refs import LFS_POINTER

ENDINGS = (".parquet", ".arrow", ".jsonl", ".ndjson", ".json", ".csv")
_NO_DATA = {"dataset_info.json", "dataset_infos.json", "dataset_dict.json", "state.json"}
_GZIP = b"\x1f\x8b"
_VALUE = re.compile(r"[^ \t\r\n\ufeff]")  # a BOM also stands where files were joined
_HALF = re.compile(r"\\u[dD][89a-fA-F]|[\ud800-\udfff]")


def in_folder(folder: Path) -> list[Path]:
    """Its data files in order, without hidden ones and what `datasets` notes beside its own."""
    return sorted(
        path
        for path in folder.rglob("*")
        if _plain_name(path).endswith(ENDINGS)
        and path.name not in _NO_DATA
        and not path.name.startswith("cache-")
        and not any(part.startswith(".") for part in path.relative_to(folder).parts)
    )


def file_rows(says: str, path: Path) -> list[Any]:
    """All rows of a file, gzip or not, as they are stored.

    Args:
        says: how an error about it begins: "--data FILE".
        path: where it is.

    Raises:
        DataError: it cannot be read, or holds something else; with the line, where there are any.
    """
    try:
        data = path.read_bytes()
        if data.startswith(_GZIP):
            data = gzip.decompress(data)
        if data.startswith(LFS_POINTER):
            raise DataError(
                f"{says}: a Git LFS pointer instead of the data. Run `git lfs pull` there."
            )
        return _rows(data, is_csv=_plain_name(path).endswith(".csv"))
    except DataError:
        raise
    except json.JSONDecodeError as error:
        raise DataError(
            f"{says}, line {error.lineno}: no JSON ({error.msg}). Correct it, or give "
            "JSON, JSON Lines, CSV, Parquet or Arrow."
        ) from error
    except UnicodeDecodeError as error:
        raise DataError(
            f"{says}: not in {error.encoding.upper()} ({error.reason}). Save it in UTF-8."
        ) from error
    except Exception as error:  # the readers raise a dozen unrelated types for one torn file
        raise DataError(f"{says}: cannot be read ({one_line(error)}).") from error


def _plain_name(path: Path) -> str:
    return path.name.lower().removesuffix(".gz")


def _rows(data: bytes, *, is_csv: bool) -> list[Any]:
    if data.startswith(b"PAR1"):
        import pyarrow.parquet as pq

        return _table_rows(pq.read_table(io.BytesIO(data)))
    if data.startswith(b"ARROW1"):
        import pyarrow.ipc as ipc

        return _table_rows(ipc.open_file(data).read_all())
    if data.startswith(b"\xff\xff\xff\xff"):  # how every message of an Arrow stream begins
        import pyarrow.ipc as ipc

        return _table_rows(ipc.open_stream(data).read_all())
    return _csv_rows(data) if is_csv else _json_rows(data)


def _table_rows(table: Any) -> list[Any]:
    _check_names(table.column_names, "column")
    return list(table.to_pylist())


def _text(data: bytes) -> str:
    """The characters of a file in UTF-8, UTF-16 or UTF-32, with or without a byte order mark; lone
    surrogates are still in it."""
    return data.decode(json.detect_encoding(data), "surrogatepass")


def _csv_rows(data: bytes) -> list[Any]:
    """Every row under the header's names. A cell is text, but for what only a table's writer makes
    of other values: JSON of a list or an object, and "nan" for none."""
    csv.field_size_limit(2**31 - 1)  # the largest that every platform takes; 131,072 by default
    text = without_half_characters(_text(data))
    lines = csv.reader(io.StringIO(text, newline=""), strict=True)
    header = next(lines, [])
    _check_names(header, "column")
    rows = []
    for cells in lines:
        if len(cells) not in (0, len(header)):
            raise csv.Error(
                f"line {lines.line_num} has {len(cells)} cells and the header {len(header)}"
            )
        if cells:
            rows.append(dict(zip(header, map(_cell, cells), strict=True)))
    return list(rows)


def _cell(text: str) -> Any:
    if text in ("nan", "NaN"):
        return None
    if text.lstrip()[:1] not in ("[", "{"):
        return text
    try:
        return without_half_characters(json.loads(text))
    except (ValueError, RecursionError):  # a text in brackets
        return text


def _json_rows(data: bytes) -> list[Any]:
    """One list of rows, one object of pmid -> row, or one row after the other."""
    text = _text(data)
    values = list(_json_values(text))
    if _HALF.search(text):
        values = without_half_characters(values)
    first = values[0] if len(values) == 1 else None
    if isinstance(first, list):
        return first
    # A row by itself holds a text or a list somewhere; what stands under a pmid is a row.
    if isinstance(first, dict) and all(isinstance(row, dict | None) for row in first.values()):
        return [_with_key(key, row) for key, row in first.items()]
    return values


def _with_key(key: str, row: Any) -> Any:
    """A row of an object of pmid -> row; what is no row stays, to be counted as one."""
    return {**row, "pmid": row.get("pmid") or key} if isinstance(row, dict) else row


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    _check_names([name for name, _ in pairs], "key")
    return dict(pairs)


def _check_names(names: Sequence[str], kind: str) -> None:
    """Raises ValueError if a name occurs twice: all but one of their values would be lost."""
    if len(set(names)) < len(names):
        (name, _), *_ = Counter(names).most_common(1)
        raise ValueError(f"the {kind} {name!r:.40} occurs twice")


def _json_values(text: str) -> Iterator[Any]:
    """Values that follow each other: line ends of any kind, or none, may stand between them."""
    decoder = json.JSONDecoder(object_pairs_hook=_object)
    end = 0
    while start := _VALUE.search(text, end):
        value, end = decoder.raw_decode(text, start.start())
        yield value
