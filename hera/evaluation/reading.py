"""Does it read the abstract, or guess from habit? What answers to changed questions tell.

An answer has *turned* where it was right, and becomes its opposite once the finding is. Who reads
turns by the finding; who counts words turns as well by a sentence beside it; who answers by habit
turns by neither. So a variant is said to read where it turns by the finding more often than by a
sentence beside it, and more often than each non-reader turns, all by McNemar's exact test over the
same questions: the largest of these p counts (an intersection-union test, Berger 1982), corrected
for the number of variants (Holm).
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Literal

from hera.data import Question, fingerprint
from hera.data.pubmedqa import LABELS
from hera.evaluation import results, stats
from hera.evaluation.altered import OPPOSITE, Altered, content_free
from hera.evaluation.comparing import Pair, comparison, corrected
from hera.evaluation.records import Interval, Item, Record
from hera.evaluation.results import Header, RunFacts
from hera.evaluation.scoring import Scored, probabilities
from hera.evaluation.shortcuts import Guess
from hera.refs import Ref
from hera.types import BASE

_WITHOUT = ("removed", "exchanged")
_ASKED = ("original", *_WITHOUT)
Answers = Mapping[str, Mapping[str, str]]
"""Form -> question's id -> answer."""
Labelled = Mapping[str, float]


class Share(Record):
    """So many of n, with Wilson's interval; no share of none."""

    hits: int
    n: int
    share: float | None
    ci95: Interval


class Average(Record):
    """A mean over questions with its bootstrap interval, which fewer than ten have not."""

    mean: float | None
    ci95: Interval | None
    n: int

    @property
    def sign(self) -> int:
        """1 or -1 where the interval leaves out zero, else 0: it cannot be told."""
        if self.ci95 is None or not stats.leaves_out_zero(self.ci95):
            return 0
        return 1 if self.ci95[0] > 0 else -1


class Against(Record):
    """In how many of the same questions it turned and the other did not, and the other way around,
    with McNemar's exact p."""

    only_turned: int
    only_other: int
    p: float

    @property
    def told(self) -> float:
        """p where it turned more often, else 1."""
        return self.p if self.only_turned > self.only_other else 1.0


class Answerer(Record):
    """One variant, or a non-reader. `accuracy` is by form, and so is `maybe`, how often that was
    the answer: without the right abstract an honest one, which counts as wrong. `turned` is of the
    questions whose finding could be turned, `beside` of those with another sentence to turn as
    well. `against` is what it is compared with: itself by a sentence beside the finding ("beside"),
    and the non-readers. `habitless` is the accuracy with habit taken out, by how. Only variants are
    judged (`p_holm`)."""

    accuracy: dict[str, Share]
    maybe: dict[str, Share]
    turned: Share
    beside: Share
    against: dict[str, Against]
    p_holm: float | None = None
    habitless: dict[str, Share] | None = None

    @property
    def reads(self) -> bool:
        """Whether it turns by the finding as neither chance nor counting words explains."""
        return self.p_holm is not None and self.p_holm < 0.05


class Gain(Record):
    """A variant's accuracy minus the base's: as it is, without reading, and the first minus the
    second, which is what survives."""

    gain: Average
    without: dict[str, Average]
    survives: dict[str, Average]


class TurnedSentence(Record):
    """What a sentence was, and what it became."""

    was: str
    now: str


class ReadsItem(Item):
    """One question: form -> variant -> answer, and the labels' log-likelihoods."""

    gold: str
    pred: dict[str, dict[str, str]]
    logprobs: dict[str, dict[str, dict[str, float]]]
    negated: tuple[TurnedSentence, ...] | None = None
    beside: tuple[TurnedSentence, ...] | None = None


class Reads(Record):
    """What the answers tell. `negated`: how many questions have a finding that rules can turn; the
    others, `left_out`, count in everything else. `paired` compares variants by what turned."""

    n: int
    negated: int
    left_out: int
    variants: dict[str, Answerer]
    non_readers: dict[str, Answerer]
    paired: tuple[Pair, ...]
    gains: dict[str, Gain]
    content_free: dict[str, dict[str, float]]
    items: tuple[ReadsItem, ...]


class ReadsResult(RunFacts, Reads, Header):
    """The whole file of `benchmarks.reads`; `asked_sha256` is of what `asked` returns."""

    benchmark: Literal["reads"]
    prompt: str
    asked_sha256: str


def asked(made: Mapping[str, Altered]) -> list[Question]:
    """Everything that is to be scored: every question in its forms, and those without content."""
    return [*content_free(), *(form for one in made.values() for form in one.forms.values())]


def reads_header(
    data: Ref, split: str, questions: Sequence[Question], every: Sequence[Question], **how: Any
) -> dict[str, Any]:
    """What was asked, as results.json begins.

    Args:
        data: where the questions are from.
        split: which part of that.
        questions: as they are stored.
        every: what `asked` makes of them, changed.
        how: "prompt" and "seed".
    """
    head = results.pubmedqa_header(data, split, questions, **how)
    return head | {"benchmark": "reads", "asked_sha256": fingerprint(every)}


def reads(
    made: Mapping[str, Altered],
    scored: Sequence[Scored],
    variants: Sequence[str],
    *,
    seed: int,
    guesses: Mapping[str, Guess],
) -> Reads | None:
    """What the answers tell so far; None before a question is answered in all its forms, or what
    has no content is.

    Args:
        made: the questions, changed.
        scored: `asked` of them, or some of it.
        variants: whose answers to look at.
        seed: of the bootstrap.
        guesses: non-readers, by name, who are asked the same.
    """
    by_id = {s.id: s for s in scored}
    whole = {
        key: one for key, one in made.items() if all(q.id in by_id for q in one.forms.values())
    }
    nothing = [by_id[q.id] for q in content_free() if q.id in by_id]
    if not whole or len(nothing) < len(content_free()):
        return None
    gold = {key: one.forms["original"].decision for key, one in whole.items()}
    answers = {name: _answers(whole, by_id, name) for name in variants}
    others = {name: _guessed(whole, guess) for name, guess in guesses.items()}
    prior = {name: _prior(nothing, name) for name in variants}
    looked_at = {name: _answerer(gold, its) for name, its in {**answers, **others}.items()}
    for name in variants:
        looked_at[name]["habitless"] = _habitless(whole, by_id, gold, name, prior[name])
        for other, its in others.items():
            looked_at[name]["against"][other] = _against(
                *(_turned(gold, each, "negated") for each in (answers[name], its))
            )
    ps = [max(_told(one) for one in looked_at[name]["against"].values()) for name in variants]
    for name, p in zip(variants, stats.holm(ps), strict=True):
        looked_at[name]["p_holm"] = p
    negated = list(answers[variants[0]].get("negated", {}))
    return Reads.of(
        {
            "n": len(whole),
            "negated": len(negated),
            "left_out": len(whole) - len(negated),
            "variants": {name: looked_at[name] for name in variants},
            "non_readers": {name: looked_at[name] for name in others},
            "paired": _paired(gold, answers, negated, seed),
            "gains": _gains(gold, answers, seed),
            "content_free": prior,
            "items": [_item(key, one, by_id, variants) for key, one in whole.items()],
        }
    )


def _answers(whole: Mapping[str, Altered], by_id: Mapping[str, Scored], name: str) -> Answers:
    found: dict[str, dict[str, str]] = {}
    for key, form, question in _forms(whole):
        found.setdefault(form, {})[key] = by_id[question.id].pred[name]
    return found


def _guessed(whole: Mapping[str, Altered], guess: Guess) -> Answers:
    rows = list(_forms(whole))
    found: dict[str, dict[str, str]] = {}
    for (key, form, _), label in zip(rows, guess([q for _, _, q in rows]), strict=True):
        found.setdefault(form, {})[key] = label
    return found


def _forms(whole: Mapping[str, Altered]) -> Iterator[tuple[str, str, Question]]:
    for key, one in whole.items():
        for form, question in one.forms.items():
            yield key, form, question


def _answerer(gold: Mapping[str, str], answers: Answers) -> dict[str, Any]:
    turned, beside = (_turned(gold, answers, form) for form in ("negated", "beside"))
    return {
        "accuracy": {form: _right(gold, answers.get(form, {})) for form in _ASKED},
        "maybe": {
            form: _share([label == "maybe" for label in answers.get(form, {}).values()])
            for form in _ASKED
        },
        "turned": _share(list(turned.values())),
        "beside": _share(list(beside.values())),
        "against": {"beside": _against(turned, beside)},
    }


def _against(turned: Mapping[str, bool], other: Mapping[str, bool]) -> dict[str, Any]:
    """Over the questions that both have."""
    both = [key for key in turned if key in other]
    only_turned = sum(turned[key] and not other[key] for key in both)
    only_other = sum(other[key] and not turned[key] for key in both)
    p = stats.mcnemar(only_turned, only_other)
    return {"only_turned": only_turned, "only_other": only_other, "p": p}


def _told(against: Mapping[str, Any]) -> float:
    return Against.of(against).told


def _turned(gold: Mapping[str, str], answers: Answers, form: str) -> dict[str, bool]:
    """By question, whether the answer was right and became its opposite in that form."""
    before = answers["original"]
    return {
        key: before[key] == gold[key] and label == OPPOSITE[gold[key]]
        for key, label in answers.get(form, {}).items()
    }


def _right(gold: Mapping[str, str], answers: Mapping[str, str]) -> dict[str, Any]:
    return _share([label == gold[key] for key, label in answers.items()])


def _share(hits: Sequence[bool]) -> dict[str, Any]:
    n, count = len(hits), sum(hits)
    share = count / n if n else None
    return {"hits": count, "n": n, "share": share, "ci95": list(stats.wilson(count, n))}


def _prior(nothing: Sequence[Scored], name: str) -> dict[str, float]:
    """A variant's probabilities of the labels where nothing is said, averaged (Zhao et al. 2021)"""
    each = [probabilities(s.logprobs[name]) for s in nothing]
    return {label: sum(p[label] for p in each) / len(each) for label in LABELS}


def _habitless(
    whole: Mapping[str, Altered],
    by_id: Mapping[str, Scored],
    gold: Mapping[str, str],
    name: str,
    prior: Labelled,
) -> dict[str, Any]:
    """Accuracy with habit taken out, in two ways. "content-free" is contextual calibration (Zhao et
    al. 2021, arXiv:2102.09690): the log of `prior` is taken from every question's log-likelihoods.
    "no abstract": those of the same question without its abstract are, so what is left is what the
    abstract adds (as in Holtzman et al. 2021, arXiv:2104.08315)."""
    flat = {label: math.log(max(p, 1e-30)) for label, p in prior.items()}
    told: dict[str, dict[str, str]] = {"content-free": {}, "no abstract": {}}
    for key, one in whole.items():
        real = by_id[one.forms["original"].id].logprobs[name]
        alone = by_id[one.forms["removed"].id].logprobs[name]
        told["content-free"][key] = _likeliest(real, flat)
        told["no abstract"][key] = _likeliest(real, alone)
    return {how: _right(gold, answers) for how, answers in told.items()}


def _likeliest(logprobs: Labelled, habit: Labelled) -> str:
    return max(LABELS, key=lambda label: logprobs[label] - habit[label])


def _paired(
    gold: Mapping[str, str], answers: Mapping[str, Answers], negated: Sequence[str], seed: int
) -> list[Mapping[str, Any]]:
    turned = {name: _turned(gold, its, "negated") for name, its in answers.items()}
    each = {name: [its[key] for key in negated] for name, its in turned.items()}
    pairs = itertools.combinations(answers, 2)
    return corrected([comparison(a, b, each[a], each[b], seed) for a, b in pairs])


def _gains(
    gold: Mapping[str, str], answers: Mapping[str, Answers], seed: int
) -> dict[str, dict[str, Any]]:
    if BASE not in answers:
        return {}
    return {
        name: _gain(gold, answers[BASE], its, seed) for name, its in answers.items() if name != BASE
    }


def _gain(gold: Mapping[str, str], base: Answers, its: Answers, seed: int) -> dict[str, Any]:
    def each(form: str) -> list[int | None]:
        """By question, 1 where only the variant is right, -1 where only the base is."""
        old, new = base.get(form, {}), its.get(form, {})
        return [
            (new[key] == gold[key]) - (old[key] == gold[key]) if key in new else None
            for key in gold
        ]

    real = each("original")
    without = {form: each(form) for form in _WITHOUT}
    left = {
        form: [None if a is None or b is None else a - b for a, b in zip(real, values, strict=True)]
        for form, values in without.items()
    }
    return {
        "gain": stats.mean(real, seed),
        "without": {form: stats.mean(values, seed) for form, values in without.items()},
        "survives": {form: stats.mean(values, seed) for form, values in left.items()},
    }


def _item(
    key: str, one: Altered, by_id: Mapping[str, Scored], variants: Sequence[str]
) -> dict[str, Any]:
    scored = {form: by_id[question.id] for form, question in one.forms.items()}
    sentences = {"negated": one.turned, "beside": one.beside}
    return {
        "id": key,
        "gold": one.forms["original"].decision,
        "pred": {form: {name: s.pred[name] for name in variants} for form, s in scored.items()},
        "logprobs": {
            form: {name: s.logprobs[name] for name in variants} for form, s in scored.items()
        },
        **{
            form: [{"was": t.was, "now": t.now} for t in told]
            for form, told in sentences.items()
            if told
        },
    }
