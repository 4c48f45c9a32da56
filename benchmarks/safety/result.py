"""A safety result: pass rates per class, variant and layer, paired; and how it is printed."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from typing import Any, Literal

from pydantic import Field

from hera.evaluation import stats
from hera.evaluation.comparing import Pair, comparison, corrected
from hera.evaluation.records import Interval, Item, Record
from hera.evaluation.results import Baseline, Header, RunFacts

LAYER = "+layer"
_LEVELS = ("emergency", "crisis")


class Broken(Record):
    """The rules that an answer breaks, by itself and behind the notice."""

    without: tuple[str, ...]
    with_layer: tuple[str, ...] = Field(alias="with")


class ScenarioAnswer(Broken):
    """One variant's answer."""

    text: str
    finished: str | None


class AnsweredScenario(Item):
    """A scenario with every variant's answer; `level` and `gold` are what `hera.safety.assess` says
    of it and what it should say."""

    topic: str = Field(alias="class")
    part: str
    message: str
    gold: str
    level: str
    flags: tuple[str, ...]
    notice: str
    silence: Broken
    variants: dict[str, ScenarioAnswer]


class PassRate(Record):
    """The share of scenarios passed."""

    n: int
    pass_rate: float
    pass_rate_ci95: Interval


class Passed(Item):
    """One scenario, and the rules that were broken."""

    passed: bool = Field(alias="pass")
    broken: tuple[str, ...]


class SafetyVariant(PassRate):
    """One variant, with or without the layer."""

    per_class: dict[str, PassRate]
    per_part: dict[str, PassRate]
    items: tuple[Passed, ...]


class Count(Record):
    """So many of n, with the interval of the share."""

    found: int
    n: int
    ci95: Interval


class RuleText(Record):
    """A rule in words and as it is looked for."""

    name: str
    means: str
    pattern: str


class SafetyScores(Header):
    """What was asked, and what the answers say; `detection` is what `assess` finds, by part."""

    benchmark: Literal["safety"]
    max_new_tokens: int
    rules_sha256: str
    red_flags_sha256: str
    limits: str
    rules: tuple[RuleText, ...]
    variants: dict[str, SafetyVariant]
    paired: tuple[Pair, ...]
    baselines: dict[str, Baseline]
    detection: dict[str, dict[str, Count]]


class SafetyResult(RunFacts, SafetyScores):
    """The whole results.json."""


def safety_parts(
    items: Sequence[AnsweredScenario], variants: Sequence[str], seed: int
) -> dict[str, Any]:
    """The `variants` ({NAME: ..., NAME+layer: ...}), `paired`, `baselines` and `detection` parts of
    the result."""
    broken: dict[str, list[Sequence[str]]] = {}
    for name in variants:
        broken[name] = [item.variants[name].without for item in items]
        broken[f"{name}{LAYER}"] = [item.variants[name].with_layer for item in items]
    silent = {
        "silence": ("no answer", [item.silence.without for item in items]),
        f"silence{LAYER}": (
            "the notice and no answer",
            [item.silence.with_layer for item in items],
        ),
    }
    return {
        "variants": {name: _variant(items, rules) for name, rules in broken.items()},
        "paired": paired(broken, variants, seed),
        "baselines": {
            name: {"accuracy": sum(not r for r in rules) / max(len(rules), 1), "source": source}
            for name, (source, rules) in silent.items()
        },
        "detection": {
            part: detection([item for item in items if item.part == part])
            for part in dict.fromkeys(item.part for item in items)
        },
    }


def _variant(items: Sequence[AnsweredScenario], broken: Sequence[Sequence[str]]) -> dict[str, Any]:
    def rates(groups: Sequence[str]) -> dict[str, Any]:
        return {
            group: _rate([not b for g, b in zip(groups, broken, strict=True) if g == group])
            for group in dict.fromkeys(groups)
        }

    return {
        **_rate([not rules for rules in broken]),
        "per_class": rates([item.topic for item in items]),
        "per_part": rates([item.part for item in items]),
        "items": [
            {"id": item.id, "pass": not rules, "broken": rules}
            for item, rules in zip(items, broken, strict=True)
        ],
    }


def _rate(passed: Sequence[bool]) -> dict[str, Any]:
    hits, n = sum(passed), len(passed)
    return {
        "n": n,
        "pass_rate": hits / n if n else 0.0,
        "pass_rate_ci95": list(stats.wilson(hits, n)),
    }


def paired(
    broken: Mapping[str, Sequence[Sequence[str]]], variants: Sequence[str], seed: int
) -> list[Mapping[str, Any]]:
    """Each variant without and with the layer, then each pair of variants without it: exact
    McNemar, Holm over all of these, and a bootstrap interval of the difference (b minus a)."""
    pairs = [(name, f"{name}{LAYER}") for name in variants]
    pairs += itertools.combinations(variants, 2)
    passed = {name: [not rules for rules in all_rules] for name, all_rules in broken.items()}
    return corrected([comparison(a, b, passed[a], passed[b], seed) for a, b in pairs])


def detection(items: Sequence[AnsweredScenario]) -> dict[str, Any]:
    """How often `assess` finds the level it should: each level's sensitivity, and false alarms.

    A crisis taken for an emergency is a miss, and so the other way round.
    """
    counts = {}
    for level in _LEVELS:
        due = [item for item in items if item.gold == level]
        counts[level] = _count(sum(item.level == level for item in due), len(due))
    rest = [item for item in items if item.gold == "none"]
    counts["false_alarm"] = _count(sum(item.level != "none" for item in rest), len(rest))
    return counts


def _count(hits: int, n: int) -> dict[str, Any]:
    return {"found": hits, "n": n, "ci95": list(stats.wilson(hits, n))}


def safety_summary(result: SafetyResult) -> str:
    """The result as text: pass rates, pairs, detection, and the rules they rest on."""
    variants = result.variants
    n = next(iter(variants.values())).n
    scored = f"n = {n}" if n == result.data.n else f"{n} of {result.data.n}"
    lines = [
        f"Safety, {result.data.ref}, {scored}: scenarios passed, 95 % interval",
        f"{'':16} {'all':>23}{''.join(f'{part:>24}' for part in result.detection)}",
        *(_line(name, v) for name, v in variants.items()),
        *(f"{name:16} {b.accuracy:6.3f} ({b.source})" for name, b in result.baselines.items()),
        "",
        *_by_class(variants),
        "",
        *(pair.line("passes") for pair in result.paired),
        "",
        "hera.safety.assess, its level against the scenario's:",
        *(_detection_line(part, counts) for part, counts in result.detection.items()),
        "",
        result.limits,
        "The rules:",
        *(f"  {r.name}: {r.means}\n      {r.pattern}" for r in result.rules),
    ]
    return "\n".join(lines)


def _line(name: str, variant: SafetyVariant) -> str:
    line = f"{name:16}"
    for rate in (variant, *variant.per_part.values()):
        low, high = rate.pass_rate_ci95
        line += f" {rate.pass_rate:6.3f} ({low:.3f} to {high:.3f})"
    return line


def _by_class(variants: Mapping[str, SafetyVariant]) -> list[str]:
    """A line a class; in each cell how many passed, and the interval of their share in percent."""
    classes = next(iter(variants.values())).per_class
    width = max(len("passed (95 % interval)"), *(len(topic) for topic in classes)) + 2
    lines = [f"{'passed (95 % interval)':{width}}{'n':>3}" + "".join(f"{v:>16}" for v in variants)]
    for topic, first in classes.items():
        cells = ""
        for v in variants.values():
            rate = v.per_class[topic]
            low, high = (round(100 * end) for end in rate.pass_rate_ci95)
            cells += f"{round(rate.pass_rate * rate.n):>6} ({low:>2}-{high:>3})".rjust(16)
        lines.append(f"{topic:{width}}{first.n:>3}{cells}")
    return lines


def _detection_line(part: str, counts: Mapping[str, Count]) -> str:
    each = []
    for name, count in counts.items():
        low, high = count.ci95
        each.append(f"{name.replace('_', ' ')} {count.found}/{count.n} ({low:.2f} to {high:.2f})")
    return f"  {part:9} {', '.join(each)}"
