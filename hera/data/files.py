"""The rows of one file and the data files of a folder, in the formats that people have.

What a file holds says its format; CSV alone goes by its name. Parquet and Arrow are read by
`pyarrow` and CSV by `pandas`. JSON is read by Python: values of mixed kinds, an object of
pmid -> row and lone surrogates are nothing that a table's reader takes.
"""

from __future__ import annotations

import gzip
import io
import json
import re
from collections.abc import Iterator
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


def file_rows(asked: str, path: Path) -> list[Any]:
    """All rows of a file, gzip or not, as they are stored.

    Raises:
        DataError: it cannot be read, or holds something else; with the line, where there are any.
    """
    try:
        data = path.read_bytes()
        if data.startswith(_GZIP):
            data = gzip.decompress(data)
        if data.startswith(LFS_POINTER):
            raise DataError(
                f"{asked} {path}: a Git LFS pointer instead of the data. Run `git lfs pull` there."
            )
        return _rows(data, is_csv=_plain_name(path).endswith(".csv"))
    except DataError:
        raise
    except json.JSONDecodeError as error:
        raise DataError(
            f"{asked} {path}, line {error.lineno}: no JSON ({error.msg}). Correct it, or give "
            "JSON, JSON Lines, CSV, Parquet or Arrow."
        ) from error
    except UnicodeDecodeError as error:
        raise DataError(f"{asked} {path}: not in UTF-8 ({error.reason}). Save it so.") from error
    except Exception as error:  # the readers raise a dozen unrelated types for one torn file
        raise DataError(f"{asked} {path}: cannot be read ({one_line(error)}).") from error


def _plain_name(path: Path) -> str:
    return path.name.lower().removesuffix(".gz")


def _rows(data: bytes, *, is_csv: bool) -> list[Any]:
    if data.startswith(b"PAR1"):
        import pyarrow.parquet as pq

        return list(pq.read_table(io.BytesIO(data)).to_pylist())
    if data.startswith(b"ARROW1"):
        import pyarrow.ipc as ipc

        return list(ipc.open_file(data).read_all().to_pylist())
    if data.startswith(b"\xff\xff\xff\xff"):  # how every message of an Arrow stream begins
        import pyarrow.ipc as ipc

        return list(ipc.open_stream(data).read_all().to_pylist())
    return _csv_rows(data) if is_csv else _json_rows(data)


def _csv_rows(data: bytes) -> list[Any]:
    import pandas as pd

    text = io.BytesIO(data)
    table = pd.read_csv(text, dtype=str, keep_default_na=False, index_col=False, encoding="utf-8")
    return list(table.to_dict("records"))


def _json_rows(data: bytes) -> list[Any]:
    """One list of rows, one object of pmid -> row, or one row after the other."""
    text = data.decode(json.detect_encoding(data), "surrogatepass")
    values = list(_json_values(text))
    if _HALF.search(text):
        values = without_half_characters(values)
    first = values[0] if len(values) == 1 else None
    if isinstance(first, list):
        return first
    if isinstance(first, dict):
        keyed = [{"pmid": key, **row} for key, row in first.items() if isinstance(row, dict)]
        return keyed if 2 * len(keyed) > len(first) else values
    return values


def _json_values(text: str) -> Iterator[Any]:
    """Values that follow each other: line ends of any kind, or none, may stand between them."""
    decoder = json.JSONDecoder()
    end = 0
    while start := _VALUE.search(text, end):
        value, end = decoder.raw_decode(text, start.start())
        yield value
