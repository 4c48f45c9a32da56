"""Every token of an answer under its variant and under the base, and where the two part."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from hera.explain.comparison import Column, TokenScore
from hera.types import BASE, Engine

TOP = 10
"""So many of the likeliest tokens are told."""


@dataclass(frozen=True)
class Parting:
    """The first token at which a variant leaves the base, which was asked the same."""

    place: int
    """In the answer, from 0."""
    token: str
    """The variant's; "" where it ended its turn."""
    probability: float | None
    """Of its token under it; None where it ended."""
    base_probability: float | None
    """Of the same token under the base."""
    base_token: str
    """What the base said there; "" where it ended."""


@dataclass(frozen=True)
class Likely:
    """A token that could stand somewhere, and its natural log-probability."""

    text: str
    logprob: float


def scored(engine: Engine, column: Column) -> Column:
    """The column with its tokens scored under its variant and the base; without where it broke off,
    the engine cannot, the variant reads other tokens than the base, or a score is no number.

    An answer is read anew: the rare one that its tokenizer would write in other tokens than it was
    said in is told in those.

    Raises:
        InputError: it is too long for the model.
    """
    if not column.text or column.failed or "token_logprobs" in engine.unsupported:
        return column
    names = list(dict.fromkeys([column.variant, BASE]))
    told = engine.token_logprobs(column.whole, names)
    own, base = told[column.variant], told[BASE]
    if own.ids != base.ids:
        return column
    start = len(engine.render(column.asked, column.variant))
    if not all(np.isfinite(one.logprobs[start:]).all() for one in (own, base)):
        return column
    scores = [
        TokenScore(id=own.ids[k], text=own.texts[k], logprob=float(p), base=float(q))
        for k, (p, q) in enumerate(zip(own.logprobs, base.logprobs, strict=True))
        if k >= start
    ]
    return column.model_copy(update={"scores": tuple(scores)})


def parting(column: Column, base: Column) -> Parting | None:
    """Where a column leaves the base's; None where it does not, was asked something else, or is not
    scored."""
    if column.scores is None or base.scores is None or column.turns != base.turns:
        return None
    own, other = column.scores, base.scores
    shared = min(len(own), len(other))
    place = next((k for k in range(shared) if own[k].id != other[k].id), shared)
    if place == len(own) == len(other):
        return None
    if place == len(own):
        return Parting(place, "", None, None, other[place].text)
    said = own[place]
    base_token = other[place].text if place < len(other) else ""
    return Parting(place, said.text, math.exp(said.logprob), math.exp(said.base), base_token)


def likeliest(
    engine: Engine, column: Column, place: int, variants: Sequence[str]
) -> dict[str, list[Likely]]:
    """The ten likeliest tokens at a place of an answer under each of the variants that read it in
    the same tokens.

    Raises:
        UnsupportedError: the engine cannot tell.
        InputError: an unknown variant, too long an answer.
    """
    names = list(dict.fromkeys([column.variant, *variants]))
    told = engine.token_logprobs(column.whole, names, top=TOP)
    at = len(engine.render(column.asked, column.variant)) + place
    own = told[column.variant]
    return {
        name: [
            Likely(engine.tokenizer.decode([int(token)]), float(logprob))
            for token, logprob in zip(t.top_ids[at], t.top_logprobs[at], strict=True)
        ]
        for name, t in told.items()
        if t.ids == own.ids
    }
