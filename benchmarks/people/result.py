"""What `benchmarks.people` writes: shares for each group of questions and variant, paired; and how
it is printed."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from typing import Any, Literal

from benchmarks.embedded.replies import rate
from benchmarks.embedded.result import Rate
from hera.evaluation.comparing import Pair, comparison, corrected
from hera.evaluation.quality.text_measures import repeats_sentence
from hera.evaluation.records import Item, Record
from hera.evaluation.results import Header, RunFacts

_MEASURES = ("to the point", "ends its turn", "repeats no sentence")


class Answer(Record):
    """One variant's; `met`: it is to the point."""

    text: str
    finished: str
    met: bool


class Answered(Item):
    """A question with every variant's answer."""

    group: str
    kind: str
    message: str
    answers: dict[str, Answer]


class Group(Record):
    """One group of questions: variant -> measure -> share, and whether two differ in being to the
    point."""

    n: int
    variants: dict[str, dict[str, Rate]]
    per_kind: dict[str, dict[str, Rate]]
    """Variant -> kind -> share to the point."""
    paired: tuple[Pair, ...]


class PeopleResult(RunFacts, Header):
    """The whole results.json."""

    benchmark: Literal["people"]
    max_new_tokens: int
    groups: dict[str, Group]
    items: tuple[Answered, ...]


def groups(items: Sequence[Answered], variants: Sequence[str], seed: int) -> dict[str, Any]:
    """The `groups` part of the result."""
    names = dict.fromkeys(item.group for item in items)
    return {name: _group([i for i in items if i.group == name], variants, seed) for name in names}


def _group(items: Sequence[Answered], variants: Sequence[str], seed: int) -> dict[str, Any]:
    met = {name: [item.answers[name].met for item in items] for name in variants}
    kinds = list(dict.fromkeys(item.kind for item in items))
    return {
        "n": len(items),
        "variants": {name: _shares([item.answers[name] for item in items]) for name in variants},
        "per_kind": {
            name: {
                kind: rate([i.answers[name].met for i in items if i.kind == kind]) for kind in kinds
            }
            for name in variants
        },
        "paired": corrected(
            [comparison(a, b, met[a], met[b], seed) for a, b in itertools.combinations(met, 2)]
        ),
    }


def _shares(answers: Sequence[Answer]) -> dict[str, Any]:
    measured = (
        [a.met for a in answers],
        [a.finished == "stop" for a in answers],
        [not repeats_sentence(a.text) for a in answers],
    )
    return {name: rate(hits) for name, hits in zip(_MEASURES, measured, strict=True)}


def summary(result: PeopleResult) -> str:
    """The result as text."""
    lines = []
    for name, group in result.groups.items():
        lines += [f"{name}, n = {group.n}: share of answers, 95 % interval", _heading(_MEASURES)]
        lines += [_line(variant, shares) for variant, shares in group.variants.items()]
        kinds = next(iter(group.per_kind.values()))
        if len(kinds) > 1:
            lines += ["to the point, by kind", _heading([f"{k} ({kinds[k].n})" for k in kinds])]
            lines += [_line(variant, shares) for variant, shares in group.per_kind.items()]
        lines += [*(pair.line("to the point") for pair in group.paired), ""]
    return "\n".join([*lines, "To the point is a lenient test of words, not of sense."])


def _heading(measures: Sequence[str]) -> str:
    return f"{'':10}" + "".join(f"{measure:>25}" for measure in measures)


def _line(variant: str, shares: Mapping[str, Rate]) -> str:
    cells = (
        "" if s.rate is None else f"{s.rate:.3f} ({s.ci95[0]:.3f} to {s.ci95[1]:.3f})"
        for s in shares.values()
    )
    return f"{variant:10}" + "".join(f"{cell:>25}" for cell in cells)
