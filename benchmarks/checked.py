"""A JSON file of which nothing is believed: each value is there and of its kind, or an error says
which key is not."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn, TypeVar

from hera.errors import DataError

T = TypeVar("T")
Key = str | int


@dataclass(frozen=True)
class Estimate:
    """A number with its 95 % interval; "not a number" where so few items give none."""

    value: float
    low: float
    high: float

    @property
    def holds_zero(self) -> bool:
        """Whether the interval holds zero, or is none."""
        return not (self.low > 0 or self.high < 0)


class Checked:
    """A file that gives a value only if it is under its key and of its kind."""

    def __init__(self, path: Path, told: Mapping[str, Any]) -> None:
        self.path, self.told = path, told

    def at(self, kind: type[T], *keys: Key) -> T:
        """The value under nested keys; whole numbers are floats too, true and false are neither.

        Raises:
            DataError: it is not there, or something else.
        """
        value: Any = self.told
        for depth, key in enumerate(keys, start=1):
            try:
                value = value[key]
            except (KeyError, IndexError, TypeError):
                self.fail(keys[:depth], "is not there: an older HERA wrote this, or no benchmark")
        if kind is float and isinstance(value, int) and not isinstance(value, bool):
            value = float(value)
        if not isinstance(value, kind) or (isinstance(value, bool) and kind is not bool):
            self.fail(keys, f"is {value!r:.60}, not {kind.__name__}")
        if isinstance(value, float) and not math.isfinite(value):
            self.fail(keys, "is no finite number")
        checked: T = value
        return checked

    def fail(self, keys: Sequence[Key], what: str) -> NoReturn:
        """Raises DataError, with the file and the key."""
        where = ".".join(map(str, keys))
        raise DataError(f"{self.path}: `{where}` {what}. Run the benchmark again.")

    def estimate(self, *keys: Key) -> Estimate:
        """A value and, beside it, its interval under the same key with "_ci95"."""
        return self.interval(keys, (*keys[:-1], f"{keys[-1]}_ci95"))

    def interval(self, value: Sequence[Key], ends: Sequence[Key]) -> Estimate:
        """A value and its interval, each under its own key."""
        low, high = self.at(float, *ends, 0), self.at(float, *ends, 1)
        if low > high:
            self.fail(ends, "ends before it begins")
        return Estimate(self.at(float, *value), low, high)

    def few(self, value: Sequence[Key], ends: Sequence[Key]) -> Estimate:
        """The same where either may be null: of too few items."""
        group = self.at(dict, *value[:-1])
        if group.get(value[-1], "") is None:
            return Estimate(math.nan, math.nan, math.nan)
        if group.get(ends[-1], "") is None:
            return Estimate(self.at(float, *value), math.nan, math.nan)
        return self.interval(value, ends)
