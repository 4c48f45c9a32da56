"""The page as Markdown: whole as plain text, with pictures beside it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from string import ascii_lowercase
from typing import TypeVar

from benchmarks.report import tables
from benchmarks.report.section import Section

T = TypeVar("T")

TITLE, SAID = "Benchmark report", "What the runs say"

RULE = """\
A difference between two variants is called one only if its 95 % interval (paired bootstrap)
excludes zero and its exact McNemar p, corrected for the number of pairs in the run (Holm), is below
0.05. "Cannot be told" does not mean "no difference". A baseline is held against each variant's own
interval, uncorrected. Runs of different data, prompts or weights are never merged, averaged or
compared with one another: each has its own tables below."""


def page(sections: Sequence[Section], files: Sequence[Mapping[str, str]]) -> str:
    """The page; `files` are the names of each run's pictures by kind."""
    parts = [f"# {TITLE}", f"## {SAID}", RULE]
    for number, each in enumerate(sections, 1):
        parts += [f"**{number}. {each.of.heading}**", each.plain, "\n".join(each.findings)]
    parts += same_names(sections)
    for number, (each, names) in enumerate(zip(sections, files, strict=True), 1):
        parts += _section(number, each, names)
    return "\n\n".join(parts) + "\n"


def _section(number: int, each: Section, files: Mapping[str, str]) -> list[str]:
    parts = [f"## {number}. {each.of.heading}", "\n".join(tables.facts(each.of))]
    for label, table in labelled("Table", number, each.tables):
        parts += [f"{label} {marked(each, table.caption)}", table.markdown()]
    parts += each.notes
    for label, (kind, file) in labelled("Figure", number, list(files.items())):
        parts.append(f"![{each.of.title}: {kind}]({file})")
        parts.append(f"{label} {marked(each, each.captions[kind])}")
    return parts


def labelled(what: str, number: int, them: Sequence[T]) -> list[tuple[str, T]]:
    """Each under its label, as in "Table 2a."."""
    return [
        (f"{what} {number}{letter}.", one)
        for letter, one in zip(ascii_lowercase, them, strict=False)
    ]


def marked(each: Section, caption: str) -> str:
    """A caption, which of a partial run says so."""
    return f"**{each.of.mark}.** {caption}" if each.of.mark else caption


def same_names(sections: Sequence[Section]) -> list[str]:
    """A warning for each name that stands for different weights in different runs."""
    meant: dict[str, dict[str, list[str]]] = {}
    for number, each in enumerate(sections, 1):
        for name, sha256 in each.of.result.environment.weights.items():
            meant.setdefault(name, {}).setdefault(sha256[:12], []).append(str(number))
    return [
        f"**{name} is not the same weights everywhere:** "
        + "; ".join(f"{sha256} in run {', '.join(where)}" for sha256, where in by.items())
        + "."
        for name, by in meant.items()
        if len(by) > 1
    ]
