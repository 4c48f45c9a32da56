"""What a check of a GPU finds: a line a measurement, as a table, a page and results.json."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from hera.evaluation.provenance import Machine
from hera.evaluation.records import Record

Status = Literal["done", "failed", "skipped"]


class Line(Record):
    """One measurement; `beside` is what it is held against, in words, and `ok` whether it holds
    (None where it only says how things are)."""

    what: str
    value: float
    unit: str
    beside: str | None = None
    ok: bool | None = None


class Part(Record):
    """One part of the check; `reason` says why it failed or was skipped."""

    name: str
    status: Status
    seconds: float
    reason: str | None = None
    lines: tuple[Line, ...] = ()


class Card(Record):
    """The device: its name, its memory in bytes, and the CUDA that torch was built with."""

    name: str
    memory: int | None = None
    cuda: str | None = None


class GpuResult(Record):
    """The whole results.json."""

    benchmark: Literal["gpu"]
    card: Card
    shape: str
    minutes: float
    seed: int
    machine: Machine
    parts: tuple[Part, ...]
    seconds: float
    finished: str

    @property
    def verdict(self) -> str:
        """How much was done, and how much of it does not hold."""
        count = {status: sum(p.status == status for p in self.parts) for status in _STATUSES}
        wrong = sum(line.ok is False for part in self.parts for line in part.lines)
        return (
            f"{count['done']} parts done, {count['failed']} failed, {count['skipped']} skipped; "
            f"{wrong} measurements do not hold"
        )


_STATUSES: tuple[Status, ...] = ("done", "failed", "skipped")
_MARKS = {True: "yes", False: "NO", None: ""}


def table(result: GpuResult) -> str:
    """The result as one Markdown table, whose columns stand under each other as plain text too."""
    rows = [("part", "what", "value", "beside", "holds")]
    for part in result.parts:
        if part.status != "done":
            rows.append((part.name, part.status, "", part.reason or "", ""))
        for line in part.lines:
            value = f"{number(line.value)} {line.unit}".strip()
            rows.append((part.name, line.what, value, line.beside or "", _MARKS[line.ok]))
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    rule = tuple("-" * width for width in widths)
    return "\n".join(_row(row, widths) for row in (rows[0], rule, *rows[1:]))


def page(result: GpuResult) -> str:
    """The table with what it was measured on."""
    machine, card = result.machine, result.card
    memory = f", {card.memory / 2**30:.0f} GiB" if card.memory else ""
    versions = ", ".join(f"{name} {version}" for name, version in machine.versions.items())
    return "\n".join(
        [
            "# HERA on a GPU",
            "",
            f"{card.name}{memory}, CUDA {card.cuda or 'none'}, shape {result.shape}, seed "
            f"{result.seed}; {result.finished}, {result.seconds:.0f} s of {result.minutes:g} "
            "minutes.",
            f"{machine.platform}, {machine.cpus} CPUs, Python {machine.python}, {versions}; HERA "
            f"{machine.hera}, commit {machine.git_commit or 'unknown'}.",
            "",
            f"{result.verdict}.",
            "",
            table(result),
            "",
        ]
    )


def number(value: float) -> str:
    """Four digits that count; whole numbers whole."""
    return f"{value:,.0f}" if value == int(value) and abs(value) < 1e15 else f"{value:.4g}"


def _row(cells: Sequence[str], widths: Sequence[int]) -> str:
    padded = [cell.replace("|", "/").ljust(w) for cell, w in zip(cells, widths, strict=True)]
    return f"| {' | '.join(padded)} |"
