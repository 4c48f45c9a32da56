"""A benchmark's run as far as it has come, whatever is measured."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar

from hera.data import Choice
from hera.data.reading import HasId
from hera.errors import InputError
from hera.evaluation.comparing import Pair
from hera.evaluation.scoring import Scored
from hera.refs import Ref
from hera.ui.words import WORDS

T = TypeVar("T")

Row = tuple[Any, Scored]
"""What was asked, as its benchmark has it, and who was right."""


class Compared(Protocol):
    """Scores of which pairs of variants can be told in sentences."""

    @property
    def n(self) -> int:
        """How many items were scored."""

    @property
    def paired(self) -> Sequence[Pair]:
        """Every pair."""


@dataclass(frozen=True)
class Own:
    """A visitor's own questions, and what their file is called."""

    ref: Ref
    choices: tuple[Choice, ...]


@dataclass(frozen=True)
class Settings:
    """What a visitor has set: questions of their own, how many items, the sample's seed, and the
    variants that are ticked."""

    own: Own | None
    count: float | None
    seed: float | None
    chosen: tuple[str, ...]


@dataclass(frozen=True)
class Told:
    """A table of every variant's numbers.

    Args:
        heading: how many {n} of how many {total} of what {source} are scored, in Markdown.
        columns: their names.
        rows: the cells.
        notes: what stands under it, a paragraph or a list each, in Markdown.
    """

    heading: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    notes: tuple[str, ...]


@dataclass(frozen=True)
class Said:
    """What the outcomes so far say.

    Args:
        rows: what is scored, in the order in which it came.
        told: the numbers of every variant; None of nothing.
        compared: what can be told of pairs; None where nothing is right or wrong.
        file: results.json, "" before the end.
    """

    rows: tuple[Row, ...] = ()
    told: Told | None = None
    compared: Compared | None = None
    file: str = ""


@dataclass(frozen=True)
class Plan:
    """What one run asks.

    Args:
        name: what is asked, as headings call it.
        data: what results.json says of it.
        there: how many items could be asked.
        variants: whose answers are scored.
        items: what is to be scored, in the sample's order.
        ask: (items, variants) -> all outcomes so far, after each batch.
        said: (outcomes, when the run began) -> what they say.
    """

    name: str
    data: Mapping[str, Any]
    there: int
    variants: tuple[str, ...]
    items: Sequence[HasId]
    ask: Callable[[list[Any], list[str]], Iterator[list[Any]]]
    said: Callable[[list[Any], float], Said]


@dataclass(frozen=True)
class State:
    """One run, and what is needed to go on with it: `done` are the outcomes so far, `seconds` what
    they took, `data` what results.json says of what was asked."""

    settings: Settings
    name: str
    data: Mapping[str, Any]
    total: int
    there: int
    variants: tuple[str, ...]
    done: tuple[Any, ...] = ()
    seconds: float = 0.0
    said: Said = Said()

    @property
    def rows(self) -> tuple[Row, ...]:
        """Every scored item with who was right, in the order in which they came."""
        return self.said.rows

    @property
    def scored(self) -> list[Scored]:
        """Who was right, item by item."""
        return [outcome for _, outcome in self.rows]

    @property
    def seed(self) -> int:
        """Of the sample."""
        return int(self.settings.seed or 0)

    @property
    def complete(self) -> bool:
        """Whether all of it is scored."""
        return len(self.done) == self.total


class Bench(Protocol):
    """One benchmark of the picker."""

    name: str

    @property
    def there(self) -> int:
        """How many items it ships; 0 where a visitor has to bring them."""

    def plan(self, settings: Settings, /) -> Plan:
        """What a run with these settings asks.

        Raises:
            HeraError: it cannot be asked.
        """


@dataclass(frozen=True)
class Kind:
    """How a benchmark's items are listed, found and opened.

    Args:
        headers: the variants -> the names of the columns, the id's first.
        row: an item and its outcome -> its cells.
        detail: an item and its outcome -> it in full, as HTML.
        text: what a search looks through.
        label: what was asked -> what stands over the table.
        widths: of the columns before the variants'.
        judged: whether an answer is right or wrong, so that one can filter by it.
        newest: whether the item that came last is opened until the visitor opens one.
    """

    headers: Callable[[Sequence[str]], list[str]]
    row: Callable[[Any, Scored], list[str]]
    detail: Callable[[Any, Scored], str]
    text: Callable[[Any], str]
    label: Callable[[str], str]
    widths: tuple[str, ...]
    judged: bool = True
    newest: bool = False


def drawn(items: Sequence[T], count: float | None, seed: float | None, most: int) -> list[T]:
    """A seeded sample of at most `most` items, in a seeded order: that of `--limit`.

    Raises:
        InputError: a box is empty, or the number is out of range.
    """
    if count is None or seed is None:
        raise InputError(WORDS.errors.no_sample)
    if not 1 <= count <= most:
        raise InputError(WORDS.errors.count.format(count=count, most=most))
    return random.Random(int(seed)).sample(items, int(count))
