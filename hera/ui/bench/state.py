"""A benchmark's run as far as it has come, whatever is measured."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar

from hera.data import Choice
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
class State:
    """One run.

    Args:
        name: what was asked, as headings call it.
        total: how many items are to be scored.
        there: how many could be asked.
        variants: whose answers are scored.
        rows: what is scored, in the order in which it came.
        told: what that says: a Markdown table with what stands around it.
        compared: what can be told of pairs; None where nothing is right or wrong.
        file: results.json, "" before the end.
    """

    name: str
    total: int
    there: int
    variants: tuple[str, ...]
    rows: tuple[Row, ...] = ()
    told: str = ""
    compared: Compared | None = None
    file: str = ""

    @property
    def scored(self) -> list[Scored]:
        """Who was right, item by item."""
        return [outcome for _, outcome in self.rows]


class Bench(Protocol):
    """One benchmark of the picker."""

    name: str

    @property
    def there(self) -> int:
        """How many items it ships; 0 where a visitor has to bring them."""

    def run(
        self, own: Own | None, /, count: float | None, seed: float | None, chosen: Sequence[str]
    ) -> Iterator[State]:
        """The run, first with nothing scored; closing the iterator stops it.

        Args:
            own: a visitor's own questions.
            count: how many items to ask.
            seed: of the sample.
            chosen: the variants that are ticked.

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
