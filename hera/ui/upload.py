"""A visitor's own file, of questions or of a comparison: read once, checked, and removed."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from hera.data import load_choices, load_pubmedqa
from hera.errors import DataError, one_line
from hera.explain import kept
from hera.refs import Ref
from hera.ui.asking import Asked, file_ref
from hera.ui.bench.state import Own

MOST_BYTES = 10 * 2**20
MOST_SENT = MOST_BYTES + 4096
"""Bytes of a request: a form stands around the file."""

MOST_QUESTIONS = 5_000
KINDS = (".json", ".jsonl", ".ndjson", ".csv", ".parquet")
"""How the names of files end that a tab reads."""

_UNPACKED = 10 * MOST_BYTES  # of a Parquet file: a few bytes of it may stand for any number
_VALUES = 1_000_000  # in a Parquet column
_FORMATS = "Give JSON, JSON Lines, CSV or Parquet"
_PACKED = (b"\x1f\x8b", b"ARROW1", b"\xff\xff\xff\xff")  # gzip and Arrow


def read_upload(path: str) -> Asked:
    """The questions in an uploaded file, which is gone afterwards, whatever was in it.

    Raises:
        DataError: no PubMedQA questions, too many, or too large; it names the file, not its folder.
    """
    with _once(path) as (ref, file):
        _check_size(ref, file)
        return Asked.of(ref, load_pubmedqa(ref, most=MOST_QUESTIONS), own=True)


def read_choices(path: str) -> Own:
    """As `read_upload`, of multiple-choice questions of MedQA's, MedMCQA's or HERA's own shape.

    Raises:
        DataError: no such questions, too many, or too large; it names the file, not its folder.
    """
    with _once(path) as (ref, file):
        _check_size(ref, file)
        return Own(ref, tuple(load_choices(ref, most=MOST_QUESTIONS)))


def read_comparison(path: str) -> tuple[str, kept.Kept]:
    """The name of an uploaded file, which is gone afterwards, and the comparison in it.

    Raises:
        DataError: there is none, or it is too large; it names the file, not its folder.
    """
    with _once(path) as (ref, file):
        if file.stat().st_size > kept.MOST_BYTES:
            raise DataError(f"{ref}: larger than {kept.MOST_BYTES // 2**20} MB.")
        return str(ref), kept.read(str(ref), file.read_bytes())


@contextmanager
def _once(path: str) -> Iterator[tuple[Ref, Path]]:
    """An uploaded file and what it is called: there for as long as it is read."""
    file = Path(path)
    ref = file_ref(file)
    try:
        if not file.is_file():
            raise DataError(f"{ref}: the upload did not arrive. Choose the file again.")
        yield ref, file
    finally:
        file.unlink(missing_ok=True)
        if file.parent.is_dir() and not any(file.parent.iterdir()):
            file.parent.rmdir()  # named after what was in the file


def _check_size(ref: Ref, file: Path) -> None:
    """Raises DataError for what is too large, or might be once it is unpacked."""
    if file.stat().st_size > MOST_BYTES:
        raise DataError(f"{ref}: larger than {MOST_BYTES // 2**20} MB. Give a part of it.")
    with file.open("rb") as opened:
        head = opened.read(6)
    if head.startswith(_PACKED):
        raise DataError(f"{ref}: packed, or no table that is read here. {_FORMATS}, unpacked.")
    if head.startswith(b"PAR1"):
        _check_parquet(ref, file)


def _check_parquet(ref: Ref, file: Path) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    too_large = f"{ref}: too large once it is unpacked. Give a part of it."
    try:
        table = pq.ParquetFile(file)
        groups = [table.metadata.row_group(i) for i in range(table.metadata.num_row_groups)]
        for column in range(table.metadata.num_columns):
            if sum(group.column(column).num_values for group in groups) > _VALUES:
                raise DataError(too_large)
        size = 0
        for batch in table.iter_batches(batch_size=16):
            size += batch.nbytes
            if size > _UNPACKED:
                raise DataError(too_large)
    except (pa.ArrowException, OSError) as error:
        raise DataError(f"{ref}: cannot be read ({one_line(error)}).") from error
