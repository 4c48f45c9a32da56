"""What `benchmarks.load` writes, and how it is printed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any, Literal

from benchmarks.load.asking import Ended
from benchmarks.load.crowd import KINDS
from hera.evaluation import stats
from hera.evaluation.provenance import Machine
from hera.evaluation.records import Interval, Record

HOWS = ("whole", "refused", "left", "lost")


class Number(Record):
    """A figure of n values; None where that many tell nothing."""

    value: float | None
    ci95: Interval | None
    n: int


class Kind(Record):
    """One endpoint's requests: how they ended, and seconds to the first token."""

    asked: int
    ended: dict[str, int]
    first_p50: Number
    first_p95: Number


class Memory(Record):
    """Of the app: [seconds, MiB] each 30 s, and MiB a minute after the first third."""

    mib: tuple[tuple[int, float], ...]
    slope: Number


class Beside(Record):
    """Seconds to a chat's first token, of the same questions each time."""

    alone: tuple[float, ...]
    scoring: tuple[float, ...]
    many: tuple[float, ...]
    refused: int
    sent: int
    line: str


class LoadResult(Record):
    """The whole results.json. `even`: Jain's index of the visitors' mean waits for a chat."""

    benchmark: Literal["load"]
    model: str
    seed: int
    visitors: int
    seconds: float
    tokens: int
    partial: bool
    machine: Machine
    kinds: dict[str, Kind]
    even: float | None
    even_n: int
    why_lost: dict[str, int]
    memory: Memory
    free_after: tuple[int, ...]
    beside: Beside | None


def kinds_of(ended: Sequence[Ended]) -> dict[str, Any]:
    """The `kinds` part of the result."""
    return {name: _kind([one for one in ended if one.kind == name]) for name in KINDS}


def _kind(ended: Sequence[Ended]) -> dict[str, Any]:
    firsts = [one.first for one in ended if one.first is not None]
    counts = Counter(one.how for one in ended)
    return {
        "asked": len(ended),
        "ended": {how: counts[how] for how in HOWS},
        "first_p50": stats.quantile(firsts, 0.5),
        "first_p95": stats.quantile(firsts, 0.95),
    }


def waits_of(ended: Sequence[Ended]) -> list[float]:
    """Every visitor's mean seconds to a chat's first token."""
    by: dict[int, list[float]] = {}
    for one in ended:
        if one.kind == "chat" and one.first is not None:
            by.setdefault(one.visitor, []).append(one.first)
    return [sum(waits) / len(waits) for waits in by.values()]


def why_lost(ended: Sequence[Ended]) -> dict[str, int]:
    """What was said of those that were lost -> how often."""
    return dict(Counter(one.why for one in ended if one.how == "lost"))


def summary(result: LoadResult) -> str:
    """The result as text."""
    parts = [_kinds(result), *_fair(result), _memory(result.memory)]
    if result.free_after:
        steps = sorted(result.free_after)
        middle = steps[len(steps) // 2]
        parts.append(
            f"a row of one who left is free after {middle} steps (median), {steps[-1]} at the "
            f"most; n = {len(steps)}"
        )
    parts.append(
        f"{result.visitors} visitors for {result.seconds:.0f} s, {result.model}, seed "
        f"{result.seed}, {result.tokens} tokens at the most, {result.machine.cpus} CPUs"
    )
    return "\n".join(parts)


def _kinds(result: LoadResult) -> str:
    lines = ["".join(f"{head:>10}" for head in ("", "asked", *HOWS)) + "  first token, s"]
    for name, kind in result.kinds.items():
        counts = "".join(f"{count:>10}" for count in (kind.asked, *kind.ended.values()))
        lines.append(
            f"{name:>10}{counts}  p50 {shown(kind.first_p50)}, p95 {shown(kind.first_p95)}"
        )
    return "\n".join([*lines, *(f"lost: {why} ({n})" for why, n in result.why_lost.items())])


def _fair(result: LoadResult) -> list[str]:
    told = "cannot be told" if result.even is None else f"{result.even:.2f}"
    lines = [f"evenness of the visitors' waits (Jain): {told}, n = {result.even_n}"]
    if beside := result.beside:
        lines.append(
            f"longest wait of a chat, n = {len(beside.alone)} each: alone {_most(beside.alone)}, "
            f"while another scores 500 questions {_most(beside.scoring)}, while another has sent "
            f"{beside.sent} requests {_most(beside.many)} ({beside.refused} of them were refused"
            f"{f': {beside.line}' if beside.line else ''})"
        )
    return lines


def _most(seconds: Sequence[float]) -> str:
    return f"{max(seconds):.2f} s" if seconds else "no answer"


def _memory(memory: Memory) -> str:
    told = ", ".join(f"{mib:.0f} at {at} s" for at, mib in memory.mib)
    return f"memory, MiB: {told}; slope {shown(memory.slope)} MiB/min"


def shown(number: Number) -> str:
    """A figure with its interval and n."""
    if number.value is None:
        return f"cannot be told (n = {number.n})"
    interval = f"{number.ci95[0]:.2f} to {number.ci95[1]:.2f}" if number.ci95 else "no interval"
    return f"{number.value:.2f} ({interval}; n = {number.n})"
