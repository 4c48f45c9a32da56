"""What `benchmarks.separating` writes, and how it is printed."""

from __future__ import annotations

from typing import Literal

from hera.evaluation.records import Interval, Item, Record
from hera.evaluation.results import Header, RunFacts


class Looked(Item):
    """A question that was looked at twice."""

    first: float
    """The divergence that it was ranked by, nats."""
    divergence: float
    """Under the other prompt."""
    differ: bool
    """Whether the likeliest labels differ under the other prompt."""
    free: bool
    """Whether what the two write freely decides otherwise."""


class Words(Item):
    """A question's one-word edits under the other prompt: the one that was ranked first, and the
    mean of all, which is what one of them at random has."""

    edits: int
    best: str
    divergence: float
    random_divergence: float
    differ: bool
    random_differ: float


class Lift(Record):
    """A mean of what was chosen, of what is random, and their difference with its interval; None
    of too few."""

    measure: str
    chosen: float
    random: float
    difference_ci95: Interval | None


class SeparatingResult(RunFacts, Header):
    """The whole results.json."""

    benchmark: Literal["separating"]
    max_new_tokens: int
    pair: tuple[str, str]
    top: tuple[Looked, ...]
    random: tuple[Looked, ...]
    edited: tuple[Words, ...]
    lifts: tuple[Lift, ...]


def summary(result: SeparatingResult) -> str:
    """The result as text."""
    a, b = result.pair
    lines = [f"{a} against {b}; ranked under the prompt hera, measured elsewhere:"]
    for lift in result.lifts:
        ends = lift.difference_ci95
        told = "too few for an interval" if ends is None else f"{ends[0]:+.3f} to {ends[1]:+.3f}"
        lines.append(
            f"  {lift.measure}: {lift.chosen:.3f} against {lift.random:.3f} at random "
            f"({lift.chosen - lift.random:+.3f}; {told})"
        )
    lines.append(
        f"{result.environment.model}, n = {result.data.n}, the first {len(result.top)} against "
        f"{len(result.random)} at random, edits of {len(result.edited)} abstracts, seed "
        f"{result.seed}, free answers of at most {result.max_new_tokens} tokens; 95 % bootstrap "
        "intervals of the difference"
    )
    return "\n".join(lines)
