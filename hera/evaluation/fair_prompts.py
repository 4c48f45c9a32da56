"""Fair prompts: who is better with which prompt, and with each its own best of eight.

A prompt's form alone moves a model's accuracy by many points (Sclar et al. 2023, arXiv:2310.11324).
So ten medical models looked better than their own bases where one prompt, made for them, was asked
of both; with the best prompt for each, most were not (Jeong et al. 2024, arXiv:2411.08870). Here
the prompt of each variant is chosen as there, by accuracy, but on other questions than it is scored
on: a seed splits the questions in two halves, and each half is scored with what was best on the
other, so that every question counts once.

What the halves do to the test: given the answers of one half, what it chooses is fixed, and on the
other half McNemar's test is exact. Both halves together are not independent: the prompt that one
half favours by luck is chosen for the other, so luck in one comes with luck in the other (as in all
cross-validation: Dietterich 1998, doi:10.1162/089976698300017197), and p is somewhat too small. So
the interval beside it is of the whole procedure: questions are resampled within their halves and
the prompts chosen anew each time. Only both together make a verdict, as everywhere
(`Pair.verdict`): between planted variants that are equally good they made one in 1 of 451 seeds,
where p alone was below 0.05 in 12 to 15 %. What other splits would give stands beside it
(`over_splits`). And half of the questions choose worse than all of them would: the fair accuracy is
that of a choice from so few.
"""

from __future__ import annotations

import itertools
import math
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from hera.data import Question
from hera.evaluation import results, stats
from hera.evaluation.comparing import Comparison, Pair, comparison, corrected
from hera.evaluation.prompted import Prompted, prompt_texts
from hera.evaluation.records import Interval, Item, Record
from hera.evaluation.results import Header, RunFacts
from hera.evaluation.scoring import PROMPTS, Scored
from hera.refs import Ref

USUAL = "hera"
"""The prompt whose verdict is the one that may turn: what the adapters were trained with."""

_SPLITS = 100
_RESAMPLES = 2_000  # in each the prompts are chosen anew: it is not a mean that is cheap
_TIE = 1e-9  # what a log-likelihood weighs beside an accuracy: less than one question of a million


class Accuracy(Record):
    """Over all questions, with Wilson's interval."""

    accuracy: float
    accuracy_ci95: Interval
    macro_f1: float


class PromptAccuracy(Accuracy):
    """Under one prompt. `gold_logprob` is the mean log of the gold label's probability among the
    three: it decides between prompts of the same accuracy."""

    gold_logprob: float


class Choice(Record):
    """The prompt that was best on one half: its accuracy on the `n_chosen` questions there, and on
    the `n_scored` others, which it was not chosen on."""

    prompt: str
    accuracy_chosen: float
    n_chosen: int
    accuracy_scored: float
    n_scored: int


class FairVariant(Record):
    """One variant under every prompt, and with the prompts of its own choice."""

    prompts: dict[str, PromptAccuracy]
    chosen: tuple[Choice, Choice]
    fair: Accuracy


class Spread(Record):
    """The smallest and the largest gain of b over a that can be had by choosing a prompt for each
    as one likes, and those prompts, a's first."""

    smallest: float
    smallest_prompts: tuple[str, str]
    largest: float
    largest_prompts: tuple[str, str]


class FairPair(Record):
    """Two variants under each prompt, as an author with that prompt alone would compare them, and
    each with its own choice (`fair`, whose interval is the whole procedure's). `over_splits`:
    between which fair gains 95 of 100 other splits of the questions are."""

    a: str
    b: str
    under: dict[str, Pair]
    fair: Pair
    over_splits: Interval
    spread: Spread

    def saying(self, verdict: int) -> list[str]:
        """The prompts with this verdict: b is better (1), worse (-1), or it cannot be told (0)."""
        return [prompt for prompt, pair in self.under.items() if pair.verdict == verdict]

    @property
    def turned(self) -> list[str]:
        """The prompts with another verdict than `USUAL`."""
        usual = self.under[USUAL].verdict
        return [prompt for prompt, pair in self.under.items() if pair.verdict != usual]

    @property
    def reversed(self) -> list[str]:
        """The prompts under which the gain, told or not, has the other sign than under `USUAL`."""
        usual = self.under[USUAL].difference
        return [prompt for prompt, pair in self.under.items() if pair.difference * usual < 0]


class FairItem(Item):
    """One question: its half, and prompt -> variant -> answer, and the labels' log-likelihoods."""

    gold: str
    half: int
    pred: dict[str, dict[str, str]]
    logprobs: dict[str, dict[str, dict[str, float]]]


class FairPrompts(Record):
    """What the answers tell. `cut`: the ids ("ID:prompt") whose abstract was over the window."""

    n: int
    variants: dict[str, FairVariant]
    paired: tuple[FairPair, ...]
    cut: tuple[str, ...]
    items: tuple[FairItem, ...]


class FairResult(RunFacts, FairPrompts, Header):
    """The whole file of `benchmarks.fair`; `prompt_texts` are the prompts."""

    benchmark: Literal["fair"]
    prompt_texts: dict[str, str | list[dict[str, str]]]


@dataclass(frozen=True)
class _Answers:
    """Of one variant, bool and float64 [prompts, questions]: what was right, and how likely the
    gold label was."""

    right: np.ndarray
    gold: np.ndarray

    def best(self, places: np.ndarray) -> np.ndarray:
        """Of questions [..., n] the prompt [...] with the highest accuracy; of the same, the one
        that finds the gold labels likelier, then the first."""
        accuracy, gold = (
            table[:, places].mean(axis=-1, dtype=np.float64) for table in (self.right, self.gold)
        )
        return np.asarray((accuracy + _TIE * gold).argmax(axis=0))

    def fair(self, halves: np.ndarray) -> np.ndarray:
        """By question, whether it was right under the prompt that was best on the other half."""
        made = np.zeros(len(halves), dtype=bool)
        for half in (0, 1):
            mine = np.flatnonzero(halves == half)
            made[mine] = self.right[self.best(np.flatnonzero(halves != half)), mine]
        return made

    def fair_accuracy(self, first: np.ndarray, second: np.ndarray, axis: int = -1) -> np.ndarray:
        """The same as an accuracy [...] of halves [..., n] and [..., m], along the last `axis`."""
        hits: np.ndarray = np.zeros(())
        for mine, others in ((first, second), (second, first)):
            right = self.right[:, mine].sum(axis=axis)
            hits = hits + np.take_along_axis(right, self.best(others)[None], axis=0)[0]
        return np.asarray(hits / (first.shape[axis] + second.shape[axis]))


def fair_header(ref: Ref, split: str, questions: Sequence[Question], seed: int) -> dict[str, Any]:
    """What was asked, as results.json begins."""
    data = results.data_of(ref, split, questions)
    return {"benchmark": "fair", "data": data, "seed": seed, "prompt_texts": prompt_texts()}


Whole = Mapping[str, Mapping[str, Scored]]
"""Question's id -> prompt -> what was scored, of the questions that are in all prompts."""


def in_all_prompts(questions: Sequence[Question], scored: Sequence[Scored]) -> Whole:
    """What was scored, of the questions that were asked in every prompt by now, in their order."""
    by_id = {s.id: s for s in scored}
    asked = {q.id: {p: Prompted(q, p).id for p in PROMPTS} for q in questions}
    return {
        key: {prompt: by_id[name] for prompt, name in its.items()}
        for key, its in asked.items()
        if all(name in by_id for name in its.values())
    }


def under_prompts(whole: Whole, variants: Sequence[str]) -> dict[str, dict[str, PromptAccuracy]]:
    """Variant -> prompt -> accuracy, over at least one question."""
    return {
        name: {
            prompt: PromptAccuracy.of(
                {
                    **_accuracy(
                        [its[prompt].gold for its in whole.values()],
                        [its[prompt].pred[name] for its in whole.values()],
                    ),
                    "gold_logprob": float(
                        np.mean([_gold_logprob(its[prompt], name) for its in whole.values()])
                    ),
                }
            )
            for prompt in PROMPTS
        }
        for name in variants
    }


def fair_prompts(whole: Whole, variants: Sequence[str], *, seed: int) -> FairPrompts | None:
    """What the answers tell; None of fewer than two questions, which make no halves.

    Args:
        whole: see `in_all_prompts`.
        variants: whose answers to look at.
        seed: of the halves and of the bootstrap.
    """
    if len(whole) < 2:
        return None
    answers = {name: _answers(whole, name) for name in variants}
    halves = _halves(len(whole), seed)
    under = under_prompts(whole, variants)
    return FairPrompts.of(
        {
            "n": len(whole),
            "variants": {
                name: {
                    "prompts": {prompt: one.plain() for prompt, one in under[name].items()},
                    "chosen": [_choice(answers[name], halves, half) for half in (0, 1)],
                    "fair": _fair_accuracy(whole, name, answers[name], halves),
                }
                for name in variants
            },
            "paired": _paired(answers, halves, seed),
            "cut": [s.id for its in whole.values() for s in its.values() if s.cut],
            "items": [
                _item(key, its, int(half), variants)
                for (key, its), half in zip(whole.items(), halves, strict=True)
            ],
        }
    )


def _accuracy(gold: Sequence[str], predicted: Sequence[str]) -> dict[str, Any]:
    hits = sum(g == p for g, p in zip(gold, predicted, strict=True))
    return {
        "accuracy": hits / len(gold),
        "accuracy_ci95": list(stats.wilson(hits, len(gold))),
        "macro_f1": stats.macro_f1(gold, predicted),
    }


def _gold_logprob(scored: Scored, name: str) -> float:
    """The log of the gold label's probability among the labels."""
    values = scored.logprobs[name]
    highest = max(values.values())
    total = sum(math.exp(x - highest) for x in values.values())
    return values[scored.gold] - highest - math.log(total)


def _answers(whole: Whole, name: str) -> _Answers:
    asked = [[its[prompt] for its in whole.values()] for prompt in PROMPTS]
    return _Answers(
        np.array([[s.pred[name] == s.gold for s in row] for row in asked]),
        np.array([[_gold_logprob(s, name) for s in row] for row in asked]),
    )


def _halves(n: int, seed: int) -> np.ndarray:
    """Of every question its half, 0 or 1, as many of each (one more of the first if n is odd)."""
    halves = [place % 2 for place in range(n)]
    random.Random(seed).shuffle(halves)
    return np.array(halves)


def _choice(answers: _Answers, halves: np.ndarray, half: int) -> dict[str, Any]:
    here, there = np.flatnonzero(halves == half), np.flatnonzero(halves != half)
    best = int(answers.best(here))
    return {
        "prompt": PROMPTS[best],
        "accuracy_chosen": float(answers.right[best, here].mean()),
        "n_chosen": len(here),
        "accuracy_scored": float(answers.right[best, there].mean()),
        "n_scored": len(there),
    }


def _fair_accuracy(
    whole: Whole, name: str, answers: _Answers, halves: np.ndarray
) -> dict[str, Any]:
    """Every question with the answer to the prompt that the other half chose."""
    by_half = [PROMPTS[int(answers.best(np.flatnonzero(halves != half)))] for half in (0, 1)]
    counted = [its[by_half[half]] for its, half in zip(whole.values(), halves, strict=True)]
    return _accuracy([s.gold for s in counted], [s.pred[name] for s in counted])


def _paired(answers: Mapping[str, _Answers], halves: np.ndarray, seed: int) -> list[dict[str, Any]]:
    pairs = list(itertools.combinations(answers, 2))

    def compared(right: Mapping[str, np.ndarray]) -> list[Mapping[str, Any]]:
        return corrected(
            [comparison(a, b, right[a].tolist(), right[b].tolist(), seed) for a, b in pairs]
        )

    under = {
        prompt: compared({name: its.right[place] for name, its in answers.items()})
        for place, prompt in enumerate(PROMPTS)
    }
    fair = corrected([_fair(a, b, answers, halves, seed) for a, b in pairs])
    others = _over_splits(answers, len(halves), seed)
    return [
        {
            "a": a,
            "b": b,
            "under": {prompt: its[place] for prompt, its in under.items()},
            "fair": fair[place],
            "over_splits": np.quantile(others[b] - others[a], (0.025, 0.975)).tolist(),
            "spread": _spread(answers[a], answers[b]),
        }
        for place, (a, b) in enumerate(pairs)
    ]


def _fair(
    a: str, b: str, answers: Mapping[str, _Answers], halves: np.ndarray, seed: int
) -> Comparison:
    """Two variants with their own prompts, and the interval of all that led there."""
    first, second = (np.flatnonzero(halves == half) for half in (0, 1))

    def gain(one: np.ndarray, other: np.ndarray, axis: int = -1) -> np.ndarray:
        its, base = (answers[name].fair_accuracy(one, other, axis) for name in (b, a))
        return np.asarray(its - base)

    a_right, b_right = (answers[name].fair(halves).tolist() for name in (a, b))
    ends = stats.of_two_ci95(first, second, gain, seed, _RESAMPLES) or (-1.0, 1.0)
    return comparison(a, b, a_right, b_right, seed).model_copy(update={"difference_ci95": ends})


def _over_splits(answers: Mapping[str, _Answers], n: int, seed: int) -> dict[str, np.ndarray]:
    """Of every variant the fair accuracies with other halves, float64 [splits]."""
    splits = [_halves(n, seed + 1 + place) for place in range(_SPLITS)]
    return {
        name: np.array(
            [
                its.fair_accuracy(np.flatnonzero(halves == 0), np.flatnonzero(halves == 1))
                for halves in splits
            ]
        )
        for name, its in answers.items()
    }


def _spread(a: _Answers, b: _Answers) -> dict[str, Any]:
    one, other = a.right.mean(axis=1), b.right.mean(axis=1)
    low, high = (int(one.argmax()), int(other.argmin())), (int(one.argmin()), int(other.argmax()))
    return {
        "smallest": float(other[low[1]] - one[low[0]]),
        "smallest_prompts": [PROMPTS[place] for place in low],
        "largest": float(other[high[1]] - one[high[0]]),
        "largest_prompts": [PROMPTS[place] for place in high],
    }


def _item(
    key: str, its: Mapping[str, Scored], half: int, variants: Sequence[str]
) -> dict[str, Any]:
    return {
        "id": key,
        "gold": its[USUAL].gold,
        "half": half,
        "pred": {prompt: {name: s.pred[name] for name in variants} for prompt, s in its.items()},
        "logprobs": {
            prompt: {name: s.logprobs[name] for name in variants} for prompt, s in its.items()
        },
    }
