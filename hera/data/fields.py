"""One field of a row, in whichever of its usual forms a file keeps it."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping, Sequence
from typing import Any, TypeGuard

from hera.errors import DataError

# No id, label or number of an option is longer; Python refuses to read thousands of digits.
_WHOLE = re.compile(r"(-?\d{1,18})(\.0*)?")
_FLOAT_ID = re.compile(r"\d{1,18}\.0+")
# How Python writes lists and objects, which is no JSON: what `str` makes of them, or of an array.
_LOOKS_NESTED = re.compile(r"""\[\s*(['"{\[\]]|(None|nan|NaN)\s*[,\]])|\{\s*['"}]|array\(""")


def absent(value: Any) -> bool:
    """Whether a field holds nothing: null, NaN (a table's null), white space."""
    if isinstance(value, str):
        return not value.strip()
    return value is None or (isinstance(value, float) and math.isnan(value))


def first(fields: Mapping[str, Any], *names: str) -> Any:
    """The first of the fields that holds something: tables give rows of several shapes nulls."""
    return next((fields[name] for name in names if not absent(fields.get(name))), None)


def is_list(value: Any) -> TypeGuard[Sequence[Any]]:
    """Whether a field holds several values in order."""
    return isinstance(value, Sequence) and not isinstance(value, str | bytes)


def identity(*values: Any) -> str | None:
    """The first value that can be an id, as text; PMIDs that a table made floats lose the ".0"."""
    for value in values:
        if isinstance(value, str) and value.strip():
            text = value.strip()
            return text.partition(".")[0] if _FLOAT_ID.fullmatch(text) else text
        if isinstance(value, int) and not isinstance(value, bool):
            return str(value)
        if isinstance(value, float) and math.isfinite(value):
            return str(int(value) if value.is_integer() else value)
    return None


def whole_number(value: Any) -> int | None:
    """A whole number, also one that a table keeps as a float or as text; None for all else."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    if isinstance(value, float):
        return int(value) if value.is_integer() else None
    if isinstance(value, int):
        return value
    match = _WHOLE.fullmatch(value.strip())
    return int(match[1]) if match else None


def nested(value: Any, where: str) -> Any:
    """A list or an object, also one that a table keeps as JSON in a text; all else as it is.

    Raises:
        DataError: the text is such a list or object, but no JSON.
    """
    if not isinstance(value, str) or value.lstrip()[:1] not in ("[", "{", "a"):
        return value
    try:
        return without_half_characters(json.loads(value))
    except (ValueError, RecursionError) as error:
        if not _LOOKS_NESTED.match(value.lstrip()):
            return value
        raise DataError(
            f"{where}: a list or object is kept as text that is no JSON ({value[:40]!r}…). Save "
            "the data as JSON Lines or Parquet."
        ) from error


def without_half_characters(value: Any) -> Any:
    """The same JSON with a replacement character for each lone surrogate.

    Raises:
        ValueError: two keys of an object differ in nothing else.
    """
    if isinstance(value, str):
        return value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    if isinstance(value, list):
        return [without_half_characters(item) for item in value]
    if isinstance(value, dict):
        whole = without_half_characters
        replaced = {whole(key): whole(item) for key, item in value.items()}
        if len(replaced) < len(value):
            raise ValueError("two keys of an object differ only in broken characters")
        return replaced
    return value


def texts(value: Any, what: str, where: str) -> tuple[str, ...]:
    """The texts in a list or in one text, without nulls.

    Raises:
        DataError: something else is among them.
    """
    value = nested(value, where)
    items = value if is_list(value) else [value]
    known = tuple(item for item in items if isinstance(item, str) or not absent(item))
    for item in known:
        if not isinstance(item, str):
            raise DataError(f"{where}: {what} hold {shown(item)}, which is no text.")
    return known


def shown(value: Any) -> str:
    """The beginning of a value, for an error of one line."""
    try:
        return f"{value!r:.60}"
    except RecursionError:
        return "what is nested too deeply"


def listed(row: Any) -> str:
    """The fields of a row that is not of the wanted shape, for its error."""
    if not isinstance(row, Mapping):
        return f"it is {shown(row)}, not an object"
    names = [str(name) if str(name).isprintable() else repr(name) for name in row]
    more = f", and {len(names) - 20} more" if len(names) > 20 else ""
    return f"fields: {', '.join(f'{name:.40}' for name in names[:20])}{more}"
