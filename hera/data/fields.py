"""One field of a row, in whichever of its usual forms a file keeps it."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from hera.errors import DataError

_WHOLE = re.compile(r"(-?\d+)(\.0*)?")
_LOOKS_NESTED = re.compile(r"""\s*(\[\s*['"{\[]|\{\s*['"])""")


def identity(*values: Any) -> str | None:
    """The first value that can be an id, as text; PMIDs that a table made floats lose the ".0"."""
    for value in values:
        known = isinstance(value, str | int | float) and not isinstance(value, bool)
        if known and value == value and str(value).strip():
            number = whole_number(value)
            plain = isinstance(value, float) or str(value).strip().endswith(".0")
            return str(value).strip() if number is None or not plain else str(number)
    return None


def whole_number(value: Any) -> int | None:
    """A whole number, also one that a table keeps as a float or as text; None for all else."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    if isinstance(value, float):
        return int(value) if value.is_integer() else None
    match = _WHOLE.fullmatch(str(value).strip())
    return int(match[1]) if match else None


def nested(value: Any, where: str) -> Any:
    """A list or an object, also one that a table keeps as JSON in a text; all else as it is.

    Raises:
        DataError: the text is such a list or object, but no JSON.
    """
    if not isinstance(value, str) or not _LOOKS_NESTED.match(value):
        return value
    try:
        return without_half_characters(json.loads(value))
    except (ValueError, RecursionError) as error:
        raise DataError(
            f"{where}: a list or object is kept as text that is no JSON ({value[:40]!r}…). Save "
            "the data as JSON Lines or Parquet."
        ) from error


def without_half_characters(value: Any) -> Any:
    """The same JSON with a replacement character for each lone surrogate."""
    if isinstance(value, str):
        return value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    if isinstance(value, list):
        return [without_half_characters(item) for item in value]
    if isinstance(value, dict):
        whole = without_half_characters
        return {whole(key): whole(item) for key, item in value.items()}
    return value


def listed(row: Any) -> str:
    """The fields of a row that is not of the wanted shape, for its error."""
    if not isinstance(row, Mapping):
        return f"it is {row!r:.40}, not an object"
    return f"fields: {', '.join(map(str, row))}"
