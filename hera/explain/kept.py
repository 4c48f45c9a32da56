"""A comparison as a file: what is written beside it, and how it is read from whoever sends one.

The file is the `Comparison` as JSON. A reader trusts nothing in it: what a screen could not show is
refused in a line. Keys that this version does not know are kept, as in every `Record`.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, NoReturn

from pydantic import Field, ValidationError

from hera.errors import DataError, HeraError, InputError, one_line
from hera.evaluation import records
from hera.explain.comparison import Column, Comparison
from hera.rendering import check_messages
from hera.types import BASE, Engine
from hera.weights.strengths import adapter_of, parts

MOST_BYTES = 8 * 2**20
MOST_COLUMNS = 8
LONGEST_NAME = 200
LONGEST_TEXT = 200_000
LONGEST_LINE = 2_000
MOST_TURNS = 200
MOST_TOKENS = 8192
_ENDINGS = (None, "stop", "length", "failed")
_ROUNDING = 0.01  # nats that a logarithm of 1 may come out above 0


class Kept(Comparison):
    """A comparison with what else it takes to know it again."""

    hera: str
    """The version that wrote it."""
    served: tuple[str, ...] = ()
    """The variants that were served, in their order: it gives each its colour."""
    computed: str = ""
    """In what, as "float32 on cpu"."""
    fingerprints: dict[str, str] = Field(default_factory=dict)
    """The base, and each adapter or model that answered -> sha256 (hex) of its weights."""


def kept(engine: Engine, comparison: Comparison, version: str) -> Kept:
    """A comparison with HERA's version and what the engine knows of itself, without this machine's
    paths."""
    names = {name for variant in comparison.variants for name in made_of(variant, engine.variants)}
    pace = engine.pace
    dtype = pace.dtype if pace is not None else engine.dtype
    return Kept.of(
        {
            **comparison.plain(),
            "model": records.without_paths(comparison.model),
            "hera": version,
            "served": list(engine.variants),
            "computed": f"{dtype} on {engine.device}",
            "fingerprints": {k: v for k, v in engine.fingerprints.items() if k in names},
        }
    )


def made_of(variant: str, served: tuple[str, ...]) -> list[str]:
    """The base, and the served variants that one is made of."""
    if variant in served:
        return list(dict.fromkeys([BASE, variant]))
    return [BASE, *dict.fromkeys(adapter_of(part) for part, _ in parts(variant))]


def written(comparison: Kept) -> str:
    """The file."""
    return records.text(comparison)


def read(name: str, content: bytes | str) -> Kept:
    """The comparison in a file of that name.

    Raises:
        DataError: it holds none, or one that is larger than any that is written here.
    """
    if len(content) > MOST_BYTES:
        raise DataError(f"{name}: larger than {MOST_BYTES // 2**20} MB: no kept comparison.")
    try:
        found = json.loads(content)
    except (ValueError, RecursionError) as error:
        raise DataError(f"{name}: cannot be read as JSON ({one_line(error)}).") from error
    if not isinstance(found, dict):
        raise DataError(f"{name}: it holds no comparison, but {found!r:.60}.")
    return of_content(name, found)


def of_content(name: str, content: Mapping[str, Any]) -> Kept:
    """As `read`, of what is in the file."""
    try:
        comparison = Kept.of(content)
        _ = comparison.params
    except ValidationError as invalid:
        error = invalid.errors(include_url=False, include_input=False)[0]
        key = ".".join(map(str, error["loc"])) or "JSON"
        _refuse(name, key, f"is not what it must be ({error['msg'][:1].lower()}{error['msg'][1:]})")
    except (HeraError, RecursionError) as error:
        raise DataError(f"{name}: {one_line(error)}") from error
    _check(name, comparison)
    return comparison


def _check(name: str, comparison: Kept) -> None:
    """Raises DataError for what no screen could show."""
    names = comparison.variants
    if not 1 <= len(names) <= MOST_COLUMNS or len(set(names)) < len(names):
        _refuse(name, "columns", f"are not 1 to {MOST_COLUMNS} different variants")
    short = [comparison.model, comparison.hera, comparison.computed, *comparison.served, *names]
    for text in (*short, *comparison.fingerprints, *comparison.fingerprints.values()):
        if len(text) > LONGEST_NAME or not text.isprintable():
            _refuse(name, f"{text[:20]!r}", "is no name")
    for place, column in enumerate(comparison.columns):
        _check_column(name, f"columns.{place}", column, comparison.served)


def _check_column(name: str, key: str, column: Column, served: tuple[str, ...]) -> None:
    try:
        made_of(column.variant, served)
        check_messages(column.asked)
    except InputError as error:
        raise DataError(f"{name}: `{key}`: {one_line(error)}") from error
    if column.turns[-1].role != "user" or len(column.turns) > MOST_TURNS:
        _refuse(name, f"{key}.turns", "do not end with a question")
    if len(column.text) + sum(len(turn.content) for turn in column.turns) > LONGEST_TEXT:
        _refuse(name, f"{key}.text", f"is longer than {LONGEST_TEXT:,} characters")
    if len(column.failed) > LONGEST_LINE:
        _refuse(name, f"{key}.failed", f"is longer than {LONGEST_LINE:,} characters")
    if column.finished not in _ENDINGS or column.rate < 0 or not 0 <= column.tokens <= MOST_TOKENS:
        _refuse(name, key, "has an ending, a rate or a number of tokens that no answer has")
    scores = column.scores or ()
    if len(scores) > MOST_TOKENS or any(max(s.logprob, s.base) > _ROUNDING for s in scores):
        _refuse(name, f"{key}.scores", "are no log-probabilities of an answer")


def _refuse(name: str, key: str, problem: str) -> NoReturn:
    raise DataError(f"{name}: `{key}` {problem}. Give a file that was saved under Compare.")
