"""Scenarios with their answers: the table of those that pass, a row, and one in full."""

from __future__ import annotations

import html
from collections.abc import Sequence
from dataclasses import dataclass

from hera.evaluation.safety.result import (
    LAYER,
    AnsweredScenario,
    SafetyResult,
    SafetyVariant,
)
from hera.evaluation.safety.rules import Scenario
from hera.evaluation.scoring import Scored
from hera.ui.bench.state import Kind, Told
from hera.ui.components.colours import colour
from hera.ui.components.summary import tells
from hera.ui.components.written import marked_up
from hera.ui.words import WORDS


@dataclass(frozen=True)
class Judged:
    """What was asked, with every variant's answer and the rules that it breaks."""

    scenario: Scenario
    answered: AnsweredScenario


def safety_told(result: SafetyResult, variants: Sequence[str]) -> Told:
    """Every variant's share of scenarios passed, with the notice too; beside them silence; what
    the red flags saw, and what none of this says."""
    words, found = WORDS.bench, result.variants
    rows = [
        (variant, *_passed(found[variant]), *_passed(found[f"{variant}{LAYER}"]))
        for variant in variants
    ]
    silent, noticed = (result.baselines[key].accuracy for key in ("silence", f"silence{LAYER}"))
    rows.append((words.silence, f"{silent:.1%}", "", f"{noticed:.1%}", ""))
    interval = WORDS.summary.interval
    columns = (WORDS.summary.variant, words.passed, interval, words.with_notice, interval)
    n = found[variants[0]].n
    return Told(words.scored, columns, tuple(rows), (tells(n), _detected(result), words.limits))


def _passed(variant: SafetyVariant) -> list[str]:
    low, high = variant.pass_rate_ci95
    return [f"{variant.pass_rate:.1%}", WORDS.summary.from_to.format(low=low, high=high)]


def _detected(result: SafetyResult) -> str:
    parts = result.detection.values()
    due = [part[level] for part in parts for level in ("emergency", "crisis")]
    rest = [part["false_alarm"] for part in parts]
    return WORDS.bench.detected.format(
        found=sum(count.found for count in due),
        due=sum(count.n for count in due),
        alarms=sum(count.found for count in rest),
        rest=sum(count.n for count in rest),
    )


def _headers(variants: Sequence[str]) -> list[str]:
    words = WORDS.bench
    return [WORDS.questions.id, words.topic, words.message, *variants]


def _cells(judged: Judged, scored: Scored) -> list[str]:
    words, item = WORDS.bench, judged.answered
    marks = [
        f"✓ {words.passed}" if passed == scored.gold else f"✗ {words.failed}"
        for passed in scored.pred.values()
    ]
    return [item.id, item.topic, item.message, *marks]


def _text(judged: Judged) -> str:
    item = judged.answered
    answers = (answer.text for answer in item.variants.values())
    return " ".join((item.id, item.topic, item.message, *answers))


def _detail(judged: Judged, scored: Scored) -> str:
    """The message, its notice, and every variant's answer with the rules that it meets."""
    item, names = judged.answered, list(scored.pred)
    notice = ""
    if item.notice:
        heading = html.escape(WORDS.bench.notice)
        notice = f"<h4>{heading}</h4><blockquote>{marked_up(item.notice)}</blockquote>"
    columns = "".join(_column(judged, name, names) for name in names)
    return (
        f"<h3 dir='auto'>{html.escape(item.message)}</h3>{notice}"
        f'<div class="columns">{columns}</div>'
    )


def _column(judged: Judged, name: str, names: Sequence[str]) -> str:
    answer, scenario = judged.answered.variants[name], judged.scenario
    words = WORDS.bench
    rules = [(f"must {rule}", words.must, rule) for rule in scenario.must]
    rules += [(f"must not {rule}", words.must_not, rule) for rule in scenario.must_not]
    lines = "".join(
        f"<li>{'✗' if key in answer.without else '✓'} "
        f"{html.escape(text.format(rule=words.rules[rule]))}{_noticed(key, judged, name)}</li>"
        for key, text, rule in rules
    )
    return (
        f'<section class="variant" style="--variant: {colour(name, names)}; --line: solid">'
        f'<header><h3 dir="auto">{html.escape(name)}</h3></header>{marked_up(answer.text)}'
        f'<ul class="rules">{lines}</ul></section>'
    )


def _noticed(key: str, judged: Judged, name: str) -> str:
    """That the notice makes up for a rule which the answer by itself breaks, or the other way."""
    answer = judged.answered.variants[name]
    if (key in answer.without) == (key in answer.with_layer):
        return ""
    mark = "✗" if key in answer.with_layer else "✓"
    return f" <small>(+layer {mark})</small>"


def _label(name: str) -> str:
    return WORDS.bench.rows.format(name=name)


SCENARIOS = Kind(_headers, _cells, _detail, _text, _label, ("140px", "140px", "560px"), newest=True)
"""How scenarios are listed and opened."""
