"""A multiple-choice result: shares of right answers, paired; the same for command and screen.

Beside the variants stand the baselines: a random letter, and each letter always, counted on the
very questions that were asked.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

from hera.data import Choice
from hera.data.choices import LETTERS
from hera.evaluation import results, stats
from hera.evaluation.choices.asking import ScoredChoice, refers
from hera.evaluation.comparing import Pair
from hera.evaluation.records import Interval, Item, Record
from hera.evaluation.results import Baseline, Data, Header, RunFacts
from hera.prompts import choose_messages


class Accuracy(Record):
    """A share of right answers."""

    n: int
    accuracy: float
    accuracy_ci95: Interval


class ChoiceAnswer(Item):
    """One variant's answer to one question."""

    topic: str
    gold: str
    pred: str
    logprobs: dict[str, float]


class ChoiceVariant(Accuracy):
    """One variant's numbers; `chosen` is how often it chose each letter."""

    per_topic: dict[str, Accuracy]
    chosen: dict[str, int]
    items: tuple[ChoiceAnswer, ...]


class ChoiceData(Data):
    """`unshuffled` is how many questions had to stay as they are stored."""

    unshuffled: int


class ChoiceScores(Record):
    """What the answers say."""

    variants: dict[str, ChoiceVariant]
    baselines: dict[str, Baseline]
    paired: tuple[Pair, ...]
    smallest_difference: float | None

    @property
    def n(self) -> int:
        """How many questions were answered."""
        return next(iter(self.variants.values())).n


class ChoiceResult(RunFacts, ChoiceScores, Header):
    """The whole results.json. `left_out` are the questions over the model's window: they have no
    context that could be cut."""

    data: ChoiceData
    prompt: str
    prompt_text: list[dict[str, str]]
    scoring: str
    left_out: tuple[str, ...] | None = None


def choice_header(
    benchmark: str, ref: str, split: str | None, shown: Sequence[Choice], seed: int
) -> dict[str, Any]:
    """What was asked: the questions as they were shown with their fingerprint, the prompt, the
    seed.

    Args:
        benchmark: the name in the results.
        ref: what the data are called.
        split: where the questions are from, if the data has splits.
        shown: from `shuffled`.
        seed: of shuffle and sample.
    """
    return {
        "benchmark": benchmark,
        "data": results.data_of(ref, split, shown)
        | {"unshuffled": sum(refers(choice) for choice in shown)},
        "seed": seed,
        "prompt": "hera",
        "prompt_text": choose_messages("{question}", [f"{{{letter}}}" for letter in LETTERS]),
        "scoring": "label log-likelihood",
    }


def choice_scores(
    items: Sequence[ScoredChoice], variants: Sequence[str], seed: int
) -> ChoiceScores:
    """What the items, some or none, say.

    Args:
        items: from `score`.
        variants: whose answers to look at.
        seed: of the bootstrap.
    """
    gold = Counter(item.gold for item in items)
    always = {
        f"always {letter}": {**_accuracy(gold[letter], len(items)), "source": "on these questions"}
        for letter in LETTERS
    }
    chance = {"accuracy": 1 / len(LETTERS), "source": "each letter as often"}
    return ChoiceScores.of(
        {
            "variants": {name: _variant(items, name) for name in variants},
            "baselines": {"random": chance, **always},
            "paired": results.pairs(items, variants, seed),
            "smallest_difference": stats.smallest_difference(len(items)),
        }
    )


def _variant(items: Sequence[ScoredChoice], name: str) -> dict[str, Any]:
    by_topic: dict[str, list[bool]] = {}
    for item in items:
        by_topic.setdefault(item.topic, []).append(item.pred[name] == item.gold)
    hits = sum(map(sum, by_topic.values()))
    chosen = Counter(item.pred[name] for item in items)
    return {
        **_accuracy(hits, len(items)),
        "per_topic": {
            topic: _accuracy(sum(hit), len(hit)) for topic, hit in sorted(by_topic.items())
        },
        "chosen": {letter: chosen[letter] for letter in LETTERS},
        "items": [
            {
                "id": item.id,
                "topic": item.topic,
                "gold": item.gold,
                "pred": item.pred[name],
                "logprobs": item.logprobs[name],
            }
            for item in items
        ],
    }


def _accuracy(hits: int, n: int) -> dict[str, Any]:
    share = hits / n if n else 0.0
    return {"n": n, "accuracy": share, "accuracy_ci95": list(stats.wilson(hits, n))}
