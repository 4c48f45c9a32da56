"""Labels as they stand behind a prompt, in token ids."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import Any

from hera.errors import InputError
from hera.rendering import encode_with
from hera.types import Prompt

LabelIds = tuple[tuple[int, ...], ...]


def encode_labels(
    tokenizer: Any, prompt: Prompt, labels: Sequence[str]
) -> tuple[list[int], LabelIds]:
    """A prompt's token ids, and the labels' behind them.

    Raises:
        InputError: no labels, an empty one, one that another begins with, or an empty prompt.
    """
    if not labels or not all(labels):
        raise InputError(f"The labels {list(labels)} must be one or more non-empty texts.")
    context, after = encode_with(tokenizer, prompt, labels)
    label_ids = tuple(map(tuple, after))
    _check(labels, label_ids)
    return context, label_ids


def _check(labels: Sequence[str], ids: Sequence[Sequence[int]]) -> None:
    """Raises InputError if a label's tokens begin another's: it could not but be likelier."""
    for one, other in itertools.permutations(range(len(labels)), 2):
        if ids[other][: len(ids[one])] == ids[one]:
            raise InputError(
                f"The label {labels[one]!r} begins {labels[other]!r}, so it is always the likelier "
                "of the two. Choose other labels."
            )
