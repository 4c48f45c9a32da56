"""All that the report says of a run, in the order in which it says it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from benchmarks.report.subject import Subject
from benchmarks.report.tables import Table

if TYPE_CHECKING:
    from matplotlib.figure import Figure


@dataclass(frozen=True)
class Section:
    """One run. Texts are Markdown: lists, bold and code.

    `plain` is for who knows no statistics: what was asked, and what came out. `findings` are the
    lines of a list, `notes` paragraphs or lists behind the tables. `draw` makes the pictures, each
    with its caption in `captions`.
    """

    of: Subject
    plain: str
    findings: Sequence[str]
    tables: Sequence[Table]
    notes: Sequence[str]
    captions: Mapping[str, str]
    draw: Callable[[], Mapping[str, Figure]]
