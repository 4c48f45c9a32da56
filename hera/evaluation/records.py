"""What result files are made of, and the one way that they are read and written.

A file is a `Record`: frozen, every value of its kind. Keys that this version does not know are kept
as they are, so that a newer HERA's file passes through an older one unharmed.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path, PurePosixPath, PureWindowsPath
from typing import Annotated, Any, NoReturn, TypeVar

from pydantic import AfterValidator, BaseModel, ConfigDict, ValidationError
from pydantic_core import PydanticCustomError

from hera.cli import output
from hera.errors import DataError, ModelError, one_line

R = TypeVar("R", bound="Record")

_KINDS = {"int": "int", "float": "float", "string": "str", "bool": "bool", "dict": "dict"}
_KINDS |= {"model": "dict", "list": "list", "tuple": "list"}


class Record(BaseModel):
    """A JSON object of known keys."""

    model_config = ConfigDict(
        frozen=True, strict=True, extra="allow", allow_inf_nan=False, serialize_by_alias=True
    )

    @classmethod
    def of(cls: type[R], content: Mapping[str, Any]) -> R:
        """The record with this content, in plain JSON values.

        Raises:
            ModelError: a number is NaN or infinite; with its key.
            pydantic.ValidationError: a key is missing, or a value is of another kind.
        """
        check_finite(content)
        return cls.model_validate_json(json.dumps(content))

    def plain(self) -> dict[str, Any]:
        """Its content in plain JSON values: the keys that it was made with."""
        return self.model_dump(mode="json", exclude_unset=True)


class Item(Record):
    """One thing that was asked about, as a run keeps it and a result lists it."""

    id: str


def _ordered(ends: tuple[float, float]) -> tuple[float, float]:
    if ends[0] > ends[1]:
        raise PydanticCustomError("interval", "ends before it begins")
    return ends


Interval = Annotated[tuple[float, float], AfterValidator(_ordered)]
"""The two ends of a 95 % interval."""


def check_finite(content: Any) -> None:
    """Raises ModelError, with the key, if a number in JSON values is NaN or infinite: JSON has no
    such number, and where one was measured something behind it overflowed."""
    for key in _not_finite(content, ()):
        raise ModelError(
            f"`{'.'.join(key)}` is no finite number: no result holds it. Something that it is "
            "computed from overflows: leave that variant out, or compute in another --dtype."
        )


def _not_finite(value: Any, key: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    """The keys of the numbers that are NaN or infinite."""
    if isinstance(value, float) and not math.isfinite(value):
        yield key
    named = value.items() if isinstance(value, Mapping) else ()
    for name, item in enumerate(value) if isinstance(value, list | tuple) else named:
        yield from _not_finite(item, (*key, str(name)))


def read_json(path: Path) -> dict[str, Any]:
    """A JSON object.

    Raises:
        DataError: no such file, or it holds something else.
    """
    try:
        return dict(json.loads(path.read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError) as error:
        raise DataError(f"{path}: cannot be read as JSON ({one_line(error)}).") from error


def read(path: Path, kind: type[R]) -> R:
    """The record in a file, absolute paths in it cut to their last part.

    Raises:
        DataError: no such file, or a value that is not there or of another kind; with its key.
    """
    return parse(path, kind, read_json(path))


def parse(path: Path, kind: type[R], content: Mapping[str, Any]) -> R:
    """As `read`, of a file's content."""
    if key := next(_not_finite(content, ()), None):
        refuse(path, key, "is no finite number")
    try:
        return kind.of(without_paths(content))
    except ValidationError as invalid:
        error = invalid.errors(include_url=False)[0]
        if error["type"] == "missing":
            problem = "is not there: an older HERA wrote this, or no benchmark"
        elif error["type"] == "interval":
            problem = error["msg"]
        else:
            wanted = _KINDS.get(error["type"].split("_")[0])
            problem = f"is {error['input']!r:.60}, not {wanted}" if wanted else error["msg"]
        refuse(path, error["loc"], problem)


def refuse(path: Path, key: Sequence[str | int], problem: str) -> NoReturn:
    """Raises DataError, with the file and the key."""
    raise DataError(f"{path}: `{'.'.join(map(str, key))}` {problem}. Make it again.")


def write(path: Path, record: Record) -> None:
    """The record as a file, there as a whole or not at all.

    Raises:
        ModelError: see `check_finite`.
    """
    output.write(path, _finite(record))


def text(record: Record) -> str:
    """The record as `write` writes it.

    Raises:
        ModelError: see `check_finite`.
    """
    return output.text(_finite(record))


def _finite(record: Record) -> dict[str, Any]:
    check_finite(record.model_dump())  # in plain values it would be a null
    return record.plain()


def without_paths(value: Any) -> Any:
    """The same JSON with absolute paths cut to their last part."""
    if isinstance(value, dict):
        return {key: without_paths(item) for key, item in value.items()}
    if isinstance(value, list):
        return [without_paths(item) for item in value]
    if isinstance(value, str):
        for kind in (PurePosixPath, PureWindowsPath):
            if kind(value).is_absolute():
                return kind(value).name
    return value
