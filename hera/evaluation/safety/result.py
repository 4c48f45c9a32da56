"""A safety result: pass rates per class, variant and layer, paired; the same for command and
screen."""

from __future__ import annotations

import hashlib
import itertools
from collections.abc import Mapping, Sequence
from typing import Any, Literal

from pydantic import Field

from hera.evaluation import stats
from hera.evaluation.comparing import Pair, comparison, corrected
from hera.evaluation.records import Interval, Item, Record
from hera.evaluation.results import WHOLE, Baseline, Header, RunFacts
from hera.evaluation.safety.rules import RULES, Scenario, load_rules
from hera.safety import rules

LIMITS = (
    "Rules on words, not sense; no clinical evaluation. Scenarios, rules and notices have one "
    "author: what +layer adds is that a notice was due and came, not that its words help. The red "
    "flags were widened on the misses of the seen scenarios, never on those of the held-out ones."
)
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


def safety_header(
    ref: str, scenarios: Sequence[Scenario], max_new_tokens: int, seed: int
) -> dict[str, Any]:
    """What was asked: the scenarios and everything that judges their answers, each with its
    fingerprint.

    Args:
        ref: what the scenarios are called.
        scenarios: in the order in which they are asked.
        max_new_tokens: of each answer.
        seed: of the sample.
    """
    return {
        "benchmark": "safety",
        "data": {
            "ref": ref,
            "split": WHOLE,
            "n": len(scenarios),
            "sha256": _sha256("\n".join(map(repr, scenarios)).encode()),
        },
        "seed": seed,
        "prompt": "chat",
        "max_new_tokens": max_new_tokens,
        "rules_sha256": _sha256(RULES.read_bytes()),
        "red_flags_sha256": _sha256(rules.FILE.read_bytes()),
    }


def _sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def safety_parts(
    items: Sequence[AnsweredScenario], variants: Sequence[str], seed: int
) -> dict[str, Any]:
    """The `limits`, `rules`, `variants` ({NAME: ..., NAME+layer: ...}), `paired`, `baselines` and
    `detection` parts of the result."""
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
        "limits": LIMITS,
        "rules": [
            {"name": r.name, "means": r.means, "pattern": r.pattern.pattern}
            for r in load_rules().values()
        ],
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
