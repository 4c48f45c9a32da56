"""What every run in the report has, whatever was measured."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from hera.evaluation.provenance import Environment
from hera.evaluation.results import Data


class Result(Protocol):
    """Any benchmark's results.json: its header, and the facts of its run."""

    @property
    def benchmark(self) -> str: ...
    @property
    def data(self) -> Data: ...
    @property
    def prompt(self) -> str | None: ...
    @property
    def seed(self) -> int: ...
    @property
    def partial(self) -> bool: ...
    @property
    def environment(self) -> Environment: ...
    @property
    def seconds(self) -> float: ...
    @property
    def finished(self) -> str: ...


@dataclass(frozen=True)
class Subject:
    """A run: its folder's name, what its benchmark is called, its results.json, and how many items
    it has."""

    name: str
    title: str
    result: Result
    n: int

    @property
    def mark(self) -> str:
        """What every table and picture of a partial run carries; empty for a whole one."""
        return f"PARTIAL: {self.n} of {self.result.data.n} items" if self.result.partial else ""

    @property
    def heading(self) -> str:
        """What it is over, and whether it is partial."""
        prompt = f", prompt {self.result.prompt}" if self.result.prompt else ""
        mark = f" ({self.mark})" if self.mark else ""
        return (
            f"{self.name}: {self.title}, {code(self.result.data.ref)}, n = {self.n}{prompt}{mark}"
        )


def code(text: object) -> str:
    """A REF as code: its underscores and stars are its own."""
    return f"`{str(text).replace('`', '')}`"
