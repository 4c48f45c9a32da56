"""What `benchmarks.explain control` writes, and how it is printed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

from hera.evaluation.records import Interval, Item, Record
from hera.evaluation.results import Header, RunFacts


class Effect(Item):
    """An answer: by how much likelier its tokens are than under the base, in nats a token, under
    the variant (`gain`) and under each control."""

    text: str
    tokens: int
    gain: float
    controls: dict[str, float]


class Effects(Record):
    """One variant's: means over its answers in nats a token, and the control's as a share. None of
    no answers; no interval of fewer than ten."""

    n: int
    tokens: int
    gain: float | None
    gain_ci95: Interval | None
    control: float | None
    control_ci95: Interval | None
    each_control: dict[str, float]
    share: float | None
    share_ci95: Interval | None
    items: tuple[Effect, ...]


class ControlResult(RunFacts, Header):
    """The whole results.json."""

    benchmark: Literal["explain control"]
    max_new_tokens: int
    variants: dict[str, Effects]


def summary(result: ControlResult) -> str:
    """The result as text."""
    lines = [line for name, of in result.variants.items() for line in _lines(name, of)]
    n, seed, cpus = result.data.n, result.seed, result.environment.cpus
    return "\n".join(
        [
            *lines,
            f"{result.environment.model}, greedy answers to {n} held-out questions of at most "
            f"{result.max_new_tokens} tokens, seed {seed}, {cpus} CPUs; 95 % intervals over "
            "questions, none of fewer than ten",
        ]
    )


def _lines(name: str, of: Effects) -> list[str]:
    if of.gain is None or of.control is None:
        return [f"{name}: no answer that holds a token"]
    share = "no share of an effect below 0"
    if of.share is not None:
        share = f"{_percent(of.share)}{_between(of.share_ci95, _percent)} of the effect"
    each = ", ".join(f"{control} {gain:+.3f}" for control, gain in of.each_control.items())
    return [
        f"{name}: {of.gain:+.3f} nats a token{_between(of.gain_ci95)} over the base, "
        f"{of.n} answers, {of.tokens:,} tokens",
        f"  control: {of.control:+.3f}{_between(of.control_ci95)}: {share} ({each})",
    ]


def _number(value: float) -> str:
    return f"{value:+.3f}"


def _percent(value: float) -> str:
    return f"{value:.1%}"


def _between(interval: Interval | None, form: Callable[[float], str] = _number) -> str:
    return "" if interval is None else f" ({form(interval[0])} to {form(interval[1])})"
