"""Every benchmark that the report knows: one more is a file that makes a `Section`, and its line
here."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from benchmarks.report import fair, forgot, reads, run, scored
from benchmarks.report.section import Section
from hera.errors import DataError
from hera.evaluation import records
from hera.evaluation.results import FILE

Tell = Callable[[str, Path, Mapping[str, Any]], Section]
"""(folder's name, results.json, its content) -> what is said of it, or a DataError."""

KINDS: dict[str, Tell] = {
    **dict.fromkeys(run.KINDS, scored.section),
    "reads": reads.section,
    "forgot": forgot.section,
    "fair": fair.section,
}
"""Benchmark -> what reads its file and tells it."""


def read_section(folder: Path) -> Section:
    """What is said of the run in a folder.

    Raises:
        DataError: no results.json there, or none that can be reported; with the file and the key.
    """
    path = folder / FILE
    if not path.is_file():
        raise DataError(f"{path}: no such file. A run that was stopped goes on with --resume.")
    content = records.read_json(path)
    if "benchmark" not in content:
        raise DataError(f"{path}: not the result of a benchmark: it has no `benchmark`.")
    benchmark = str(content["benchmark"])
    if benchmark not in KINDS:
        raise DataError(f"{path}: `benchmark` is {benchmark!r}: known are {', '.join(KINDS)}.")
    return KINDS[benchmark](folder.resolve().name, path, content)
