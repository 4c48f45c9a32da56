"""What `benchmarks.explain luck` writes, and how it is printed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

from hera.evaluation import stats
from hera.evaluation.records import Interval, Item, Record
from hera.evaluation.results import Header, RunFacts


class Found(Record):
    """Of how many questions something differs; feature -> of how many that one does."""

    differ: int
    n: int
    share: float
    ci95: Interval
    features: dict[str, int]


class Drawn(Item):
    """A question, what rules saw in each draw, the first of which has the seed, and in what the two
    variants differ."""

    message: str
    seed: int
    values: dict[str, dict[str, list[float]]]
    differ: tuple[str, ...]


class LuckResult(RunFacts, Header):
    """The whole results.json; `twins` are the simulated questions, of every variant and of all."""

    benchmark: Literal["explain luck"]
    draws: int
    pool: int
    temperature: float
    max_new_tokens: int
    twins: dict[str, Found]
    tuned: Found
    compared: tuple[str, str]
    items: tuple[Drawn, ...]


def found(differ: Sequence[tuple[str, ...]]) -> dict[str, Any]:
    """See `Found`."""
    hits, n = sum(map(bool, differ)), len(differ)
    features = [feature for of in differ for feature in of]
    return {
        "differ": hits,
        "n": n,
        "share": hits / n,
        "ci95": list(stats.wilson(hits, n)),
        "features": {feature: features.count(feature) for feature in sorted(set(features))},
    }


def summary(result: LuckResult) -> str:
    """The result as text."""
    base, last = result.compared
    twins = {"each" if name == "all" else name: of for name, of in result.twins.items()}
    lines = [
        f'"differs" in at least one feature, {result.draws} draws of each, temperature '
        f"{result.temperature:g}, seed {result.seed}:",
        *(f"  {name} and its twin, other dice: {line(of)}" for name, of in twins.items()),
        f"  {base} and {last}, the same dice: {line(result.tuned)}",
        f"    of them in {told(result.tuned)}" if result.tuned.differ else "",
        "Twins may differ in 5 % at most. The interval is of the simulated questions, whose draws "
        f"come from {len(result.items)} real ones.",
    ]
    return "\n".join(text for text in lines if text)


def line(of: Found) -> str:
    """A share with its interval and n."""
    low, high = of.ci95
    return f"{of.share:.1%} ({low:.1%} to {high:.1%}), {of.differ} of {of.n} questions"


def told(of: Found) -> str:
    """The features, the commonest first."""
    often = sorted(of.features.items(), key=lambda one: -one[1])
    return ", ".join(f"{feature} {times}" for feature, times in often)
