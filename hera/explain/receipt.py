"""The receipt of an answer: which weights gave it, how strong, how fast, and whether it is theirs.

An answer that was decoded greedily is its variant's own if under that very variant no token would
have been likelier anywhere in it, its end included: what stands under the wrong name shows there,
whatever was mixed up on the way.
"""

from __future__ import annotations

import math
from collections.abc import Collection

from hera.errors import InputError, UnsupportedError
from hera.evaluation.records import Record
from hera.explain.comparison import Column
from hera.rendering import turn_end_ids
from hera.types import BASE, Change, Engine, Message
from hera.weights.strengths import adapter_of, control_of, parts

SHORT = 12
"""So many hex digits of a sha256 are shown."""

_TIE = {"float32": 0.02}
_TIE_16 = 0.2  # nats that rounding may put between the likeliest token and the one that was taken


class Weights(Record):
    """The base, an adapter on it, or a full model."""

    name: str
    """As "stage2"; of a control that of the adapter that it has the norms of."""
    sha256: str | None
    """Its first 12 hex digits; None where the engine cannot tell."""
    strength: float | None = None
    """None of the base, and of a model that is whole by itself."""
    control: int = 0
    """Which random adapter stands in its place, 1 to 8; 0 for itself."""
    norm: float | None = None
    """‖ΔW‖ / ‖W‖ at strength 1: Frobenius norms over all layers that it changes, each the root of
    the sum of the layers' squares. None where it is not known."""


class Receipt(Record):
    """What is behind one column."""

    variant: str
    weights: tuple[Weights, ...]
    """The base first; of a full model its own alone."""
    tokens: int
    rate: float
    """Tokens a second."""
    first: float | None
    """Seconds to the first token."""
    divergence: float | None
    """From the base, in nats a token: see `hera.explain.comparison.Column.divergence`."""
    likeliest: int | None
    """How many of a greedy answer's tokens, its end included, are the likeliest under the variant,
    or as likely to rounding; None of a sampled answer, and where that is not known."""
    scored: int | None
    """Of so many tokens; None likewise."""
    missing: tuple[str, ...]
    """What could not be told, and why, a line each."""

    @property
    def is_own(self) -> bool | None:
        """Whether the answer is the variant's; None where that cannot be told."""
        if self.likeliest is None:
            return None
        return self.likeliest == self.scored


def receipt(engine: Engine, column: Column, *, greedy: bool = False) -> Receipt:
    """The receipt of a column.

    Args:
        engine: what gave the answer.
        column: the answer, scored (`hera.explain.tokens.scored`) where the engine can.
        greedy: whether it was decoded at temperature 0.

    Raises:
        InputError: an unknown variant, an answer too long for the model.
    """
    missing: list[str] = []
    weights = _weights(engine, column.variant, missing)
    if column.scores is None:
        why = engine.unsupported.get("token_logprobs", "its tokens are not scored")
        missing.append(f"no divergence from the base, and no check of whose answer it is: {why}")
    taken = _likeliest(engine, column, missing) if greedy and column.scores else None
    return Receipt(
        variant=column.variant,
        weights=weights,
        tokens=column.tokens,
        rate=column.rate,
        first=column.first,
        divergence=column.divergence,
        likeliest=None if taken is None else sum(taken),
        scored=None if taken is None else len(taken),
        missing=tuple(missing),
    )


def _weights(engine: Engine, variant: str, missing: list[str]) -> tuple[Weights, ...]:
    """The base's and those of what is on it; adds to `missing` what cannot be told."""
    prints = engine.fingerprints
    if not prints:
        missing.append(f"no sha256 of the weights: {engine.device} does not show them")
    if variant == BASE:
        return (Weights(name=BASE, sha256=_short(prints.get(BASE))),)
    made_of = [(adapter_of(part), control_of(part), s) for part, s in parts(variant)]
    found: list[Weights] = []
    if why := engine.unsupported.get("origin"):
        missing.append(f"no base, and no norm of an adapter: {why}")
    else:
        base = engine.origin(made_of[0][0]).base
        if base is None:
            return (Weights(name=variant, sha256=_short(prints.get(variant))),)
        found.append(Weights(name=BASE, sha256=_short(base)))
    for name, control, strength in made_of:
        norm = None if why else _norm(engine, name, missing)
        sha256 = _short(prints.get(name))
        found.append(
            Weights(name=name, sha256=sha256, strength=strength, control=control, norm=norm)
        )
    return tuple(found)


def _short(sha256: str | None) -> str | None:
    return None if sha256 is None else sha256[:SHORT]


def _norm(engine: Engine, name: str, missing: list[str]) -> float | None:
    try:
        changed = engine.changes(name).values()
    except (InputError, UnsupportedError) as error:
        missing.append(f"no norm of {name}: {error}")
        return None
    return whole_norm(changed)


def whole_norm(changed: Collection[Change]) -> float:
    """‖ΔW‖ / ‖W‖ over all layers that an adapter changes."""
    return math.hypot(*(c.update for c in changed)) / math.hypot(*(c.weight for c in changed))


def _likeliest(engine: Engine, column: Column, missing: list[str]) -> list[bool] | None:
    """Of each token of a scored answer, and of its end if it has one, whether it is the likeliest
    under the variant; None where the text is read in other tokens than it was said in."""
    variant, ends = column.variant, column.finished == "stop"
    start = len(engine.render(column.asked, variant))
    stop = start + len(column.scores or ())
    if stop - start + ends != column.tokens:
        missing.append("no check of whose answer it is: it is read in other tokens than said")
        return None
    # A turn behind it, of which nothing is read, closes the answer's own.
    closed = [*column.whole, Message(role="user", content=".")]
    fits = engine.excess(closed, 0, [variant]) <= 0
    told = engine.token_logprobs(closed if fits else column.whole, [variant], top=1)[variant]
    off = told.top_logprobs[:, 0] - told.logprobs
    taken = [bool(o <= _TIE.get(engine.dtype, _TIE_16)) for o in off[start:stop]]
    turn_ends = turn_end_ids(engine.tokenizer)
    if ends and fits and told.ids[stop] in turn_ends:
        taken.append(int(told.top_ids[stop, 0]) in turn_ends)
    return taken
