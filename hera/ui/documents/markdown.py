"""A kept comparison as Markdown. What people and models wrote stands in fences: it is shown letter
by letter, wherever it is pasted."""

from __future__ import annotations

import re

from hera.explain.comparison import Column
from hera.explain.kept import Kept
from hera.ui.documents.parts import before, left_base, made, notices, numbers, settings
from hera.ui.words import WORDS

_SIGNS = re.compile(r"([\\`*_{}\[\]<>#|~!&])")


def markdown(kept: Kept) -> str:
    """The file."""
    words = WORDS.kept
    blocks = [
        f"# {words.heading.format(n=len(kept.columns))}",
        f"{plain(made(kept))}  \n{plain(settings(kept))}",
        *(f"> {plain(text)}" for text in notices(kept)),
        f"## {words.question}",
        fenced(kept.message),
    ]
    for column in kept.columns:
        blocks += _column(kept, column)
    if kept.fingerprints:
        rows = [f"- {plain(name)}: {plain(sha)}" for name, sha in kept.fingerprints.items()]
        blocks += [f"## {words.weights}", "\n".join(rows)]
    return "\n\n".join(blocks) + "\n"


def fenced(text: str) -> str:
    """A text in a fence that nothing in it closes."""
    longest = max((len(run) for run in re.findall(r"`+", text)), default=0)
    fence = "`" * max(3, longest + 1)
    return f"{fence}text\n{text}\n{fence}"


def _column(kept: Kept, column: Column) -> list[str]:
    words = WORDS.kept
    blocks = [f"## {plain(words.variant.format(variant=column.variant))}"]
    turns = before(kept, column)
    if turns:
        blocks.append(plain(words.before.format(n=len(turns), variant=column.variant)) + ":")
        for turn in turns:
            blocks += [f"**{getattr(words.by, turn.role)}**", fenced(turn.content)]
        blocks.append(f"**{words.by.assistant}**")
    blocks.append(fenced(column.text))
    left = left_base(kept, column)
    return [*blocks, *([plain(left)] if left else []), plain(numbers(column))]


def plain(text: str) -> str:
    """A line of which nothing is markup."""
    return _SIGNS.sub(r"\\\1", " ".join(text.split()))
