"""Rows of any data set: an embedded file, a file, a folder or the Hub, and what cannot be used."""

from __future__ import annotations

import hashlib
import json
import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Protocol, TypeVar

from hera import hub
from hera.data import files
from hera.errors import DataError, one_line
from hera.refs import EMBEDDED_DIR, Ref

if TYPE_CHECKING:
    from dataclasses import Field

Row = TypeVar("Row")


class HasId(Protocol):
    """A row that is asked about."""

    @property
    def id(self) -> str:
        """Unique in its data."""


class TypedRow(Protocol):
    """A dataclass of a data set's row."""

    __dataclass_fields__: ClassVar[dict[str, Field[Any]]]


Identified = TypeVar("Identified", bound=HasId)


def ready_rows(
    ref: Ref,
    split: str,
    *,
    embedded: str | None = None,
    configs: Sequence[str] = (),
    strict: bool = False,
    most: int | None = None,
) -> list[Mapping[str, Any]]:
    """All rows of a data set's split, as they are stored.

    Args:
        ref: what to read.
        split: which of a folder's or a Hub repository's splits.
        embedded: the file that "embedded" means.
        configs: a Hub repository's configuration, where it has one of that name, and what else a
            folder's files of it may be named after.
        strict: among several splits the one that is asked for must be there.
        most: how many rows there may be; None for any number.

    Raises:
        DataError: nothing there, it cannot be read, or there are more rows.
    """
    path = EMBEDDED_DIR / "data" / embedded if embedded and ref.is_embedded else ref.path
    if path is None:
        rows = _hub_rows(ref, split, next(iter(configs), None), strict)
    elif path.is_dir():
        rows = _folder_rows(ref.asked, path, split, configs, strict)
    elif path.is_file():
        rows = files.file_rows(ref.says, path)
    else:
        raise DataError(f"{ref.says}: no such file or folder. Give a file, a folder or a Hub id.")
    if not rows:
        raise DataError(f"{ref.says}: it holds no rows.")
    if most is not None and len(rows) > most:
        raise DataError(f"{ref.says}: it holds {len(rows):,} rows; give at most {most:,}.")
    return rows


def typed(
    rows: Sequence[Any], read: Callable[[Any, str], Row], ref: Ref, unusable: list[str] | None
) -> list[Row]:
    """Every row as `read(row, place)` makes it.

    Args:
        rows: as they are stored.
        read: raises DataError for a row that cannot be used.
        ref: where they are from.
        unusable: what is wrong with a row is appended here and the row left out, instead of raised.

    Raises:
        DataError: rows that cannot be used: the first, and how many there are.
    """
    good: list[Row] = []
    problems: list[str] = []
    for number, row in enumerate(rows, 1):
        try:
            good.append(read(row, f"{ref}, row {number}"))
        except DataError as error:
            problems.append(str(error))
    if unusable is not None:
        unusable += problems
    elif problems:
        others = f" {len(problems)} of {len(rows)} rows cannot be used." * (len(problems) > 1)
        raise DataError(f"{problems[0]}{others}")
    return good


def unique(rows: list[Identified], ref: Ref) -> list[Identified]:
    """The rows, if no id occurs twice; raises DataError otherwise."""
    counts = Counter(row.id for row in rows)
    twice = [identity for identity, count in counts.items() if count > 1]
    if twice:
        more = f", and {len(twice) - 1} more do" if len(twice) > 1 else ""
        name = twice[0] if twice[0].isprintable() else repr(twice[0])
        raise DataError(f"{ref.says}: the id {name:.60} occurs twice{more}.")
    return rows


def fingerprint(rows: Iterable[TypedRow]) -> str:
    """sha256 (hex) of the rows' contents in order: equal for the same data in any file format."""
    digest = hashlib.sha256()
    for row in rows:
        fields = {name: getattr(row, name) for name in row.__dataclass_fields__}
        digest.update(json.dumps(fields, sort_keys=True, ensure_ascii=False).encode())
    return digest.hexdigest()


def _folder_rows(
    asked: str, folder: Path, split: str, configs: Sequence[str], strict: bool
) -> list[Mapping[str, Any]]:
    """Those of a split's files, by their names or else by their folders'; of several
    configurations, those of the one that is asked for."""
    candidates = files.in_folder(folder)
    if not candidates:
        raise DataError(f"{asked} {folder}: no {', '.join(files.ENDINGS)} file in this folder.")

    def named(path: Path) -> str:
        return path.relative_to(folder).as_posix().lower()

    of_config = [p for p in candidates if any(config in named(p) for config in configs)]
    candidates = of_config or candidates
    split_name = re.compile(rf"(?<![a-z]){re.escape(split)}")
    chosen = [p for p in candidates if split_name.search(p.name.lower())]
    chosen = chosen or [p for p in candidates if split_name.search(named(p))]
    if strict and not chosen and len(candidates) > 1:
        names = ", ".join(p.name for p in candidates[:5])
        raise DataError(f"{asked} {folder}: no file is named after the split {split!r} ({names}).")
    return [
        row for path in chosen or candidates for row in files.file_rows(f"{asked} {path}", path)
    ]


def _hub_rows(ref: Ref, split: str, config: str | None, strict: bool) -> list[Mapping[str, Any]]:
    from datasets import load_dataset

    repo = str(ref.repo)
    if ref.subfolder:
        raise DataError(
            f"{ref.says}: no such file or folder here, and a data set on the Hub is owner/name, "
            "without a folder."
        )
    if not hub.answers():
        raise DataError(
            f"{ref.says}: the Hub does not answer within {hub.SILENCE:.0f} s. Check the network, "
            "or set HF_HUB_OFFLINE=1 for what was downloaded before; or give a local file."
        )
    try:
        try:
            splits = load_dataset(repo, config, revision=ref.revision)
        except ValueError:  # no such config: then whatever it has
            if config is None:
                raise
            splits = load_dataset(repo, revision=ref.revision)
    except Exception as error:  # datasets raises a dozen unrelated types for one missing repository
        if refusal := hub.refusal_in(repo, error):
            raise DataError(f"{ref.asked} {refusal}".lstrip()) from error
        raise DataError(
            f"{ref.says}: the Hub data set cannot be read ({one_line(error)}). Check the id, the "
            "network and, for a private or gated one, HF_TOKEN; or give a local file."
        ) from error
    if strict and split not in splits and len(splits) > 1:
        raise DataError(f"{ref.says}: no split {split!r}, only {', '.join(splits)}.")
    return list(splits[split] if split in splits else splits[next(iter(splits))])
