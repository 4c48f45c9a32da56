"""What `benchmarks.explain parting` writes, and how it is printed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Literal

import numpy as np

from hera.evaluation import stats
from hera.evaluation.records import Item, Record
from hera.evaluation.results import Header, RunFacts


class Parted(Item):
    """A message, and the first token at which the variant leaves the base; nats."""

    message: str
    place: int
    token: str
    base_token: str
    gain: float
    controls: float
    """The mean gain of random adapters of the same norm."""
    layers: dict[str, float]
    """By how much less likely the token is with a layer switched off."""
    projections: dict[str, float]
    first_share: float | None
    """What share of the whole answer's gain its first three tokens have."""

    @property
    def largest(self) -> float:
        """The largest share of the gain that any layer takes with it."""
        return max(self.layers.values()) / self.gain


class PartingResult(RunFacts, Header):
    """The whole results.json."""

    benchmark: Literal["explain parting"]
    max_new_tokens: int
    variant: str
    items: tuple[Parted, ...]


class _Spread(Record):
    """Of some values: the median, and the quartiles."""

    low: float
    median: float
    high: float

    @classmethod
    def over(cls, values: Sequence[float]) -> _Spread:
        low, median, high = (float(q) for q in np.percentile(values, (25, 50, 75)))
        return cls(low=low, median=median, high=high)


def summary(result: PartingResult) -> str:
    """The result as text."""
    items, n = result.items, result.data.n
    tail = (
        f"{result.environment.model}, {result.variant} against the base, greedy answers to {n} "
        f"held-out questions of at most {result.max_new_tokens} tokens, seed {result.seed}, "
        f"{result.environment.cpus} CPUs; medians with quartiles"
    )
    if not items:
        return f"they never part\n{tail}"
    first = sum(item.place == 0 for item in items)
    low, high = stats.wilson(first, len(items))
    gain, largest = (
        _Spread.over(values) for values in ([i.gain for i in items], [i.largest for i in items])
    )
    control = float(np.mean([item.controls for item in items]))
    shares = [item.first_share for item in items if item.first_share is not None]
    kinds = Counter(max(i.projections, key=lambda k: i.projections[k]) for i in items)
    kind, times = kinds.most_common(1)[0]
    lines = [
        f"they part in {len(items)} of {n}, at the very first token in {first} "
        f"({low:.0%} to {high:.0%})",
        f"gain at the parting: {gain.median:.1f} nats ({gain.low:.1f} to {gain.high:.1f}); random "
        f"adapters of the same norm: {control:+.2f} (mean)",
        f"largest share that one of {len(items[0].layers)} layers takes with it: "
        f"{largest.median:.0%} ({largest.low:.0%} to {largest.high:.0%})",
        f"the kind of matrix that takes most: {kind}, in {times} of {len(items)}",
    ]
    if shares:
        early = _Spread.over(shares)
        lines.append(
            f"the first three tokens' share of an answer's gain: {early.median:.0%} "
            f"({early.low:.0%} to {early.high:.0%})"
        )
    return "\n".join([*lines, tail])
