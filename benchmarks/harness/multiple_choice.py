"""What the multiple-choice benchmarks share: shuffled options, scored by the letters' likelihood.

The options are shuffled by the seed, the right ones spread evenly over the four places: every fixed
letter scores 25 % on all questions, and about that on a --limit of them. The likeliest of " A",
" B", " C" and " D" after the prompt is a variant's answer. Beside the variants stand the baselines:
a random letter, and each letter always, counted on the very questions that were asked.
"""

from __future__ import annotations

import argparse
import random
import re
import sys
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from benchmarks.harness.flags import choose, engine_from
from benchmarks.harness.run import BenchmarkRun, check_output, header, identity
from hera.data import Choice, fingerprint
from hera.data.choices import LETTERS
from hera.errors import DataError
from hera.evaluation import results, stats
from hera.evaluation.comparing import Pair
from hera.evaluation.records import Interval, Item, Record
from hera.evaluation.results import Baseline, Data, Header, RunFacts
from hera.evaluation.scoring import Scored, check_finite
from hera.prompts import LETTER_TEXTS, choose_messages
from hera.types import Engine

_CHUNK = 16  # questions between two updates
_LETTER_ROOM = 8  # tokens of a letter, in any tokenizer
_NEIGHBOURS = re.compile(
    r"\b(all|none|any|both) (of )?(the )?(above|these)\b|(?<!\w)[a-d]\s*(and|&|,|\+)\s*[a-d](?!\w)",
    re.IGNORECASE,
)


class ScoredChoice(Scored):
    """One question as it was asked, with every variant's letter."""

    topic: str
    options: tuple[str, ...]


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


class ChoiceResult(RunFacts, ChoiceScores, Header):
    """The whole results.json. `left_out` are the questions over the model's window: they have no
    context that could be cut."""

    data: ChoiceData
    prompt: str
    prompt_text: list[dict[str, str]]
    scoring: str
    left_out: tuple[str, ...] | None = None


def run_choices(
    benchmark: str, choices: list[Choice], split: str | None, args: argparse.Namespace
) -> None:
    """Score every variant on the chosen questions; summary, and results where --output says.

    Args:
        benchmark: the name in the results.
        choices: the questions as they are stored.
        split: where they are from, if the data has splits.
        args: from `benchmarks.harness.flags.benchmark_parser`.
    """
    chosen = choose(shuffled(choices, args.seed), args.limit, args.seed)
    check_output(args.output, args.resume)
    engine = engine_from(args, dtype=args.dtype)
    shown, left_out = in_window(engine, chosen)
    if left_out:
        print(too_long(left_out), file=sys.stderr)
    if not shown:
        raise DataError(f"{args.data.says}: every question is over the model's window.")
    asked = header(
        benchmark,
        args,
        split=split,
        n=len(shown),
        sha256=fingerprint(shown),
        prompt="hera",
        prompt_text=choose_messages("{question}", [f"{{{letter}}}" for letter in LETTERS]),
        scoring="label log-likelihood",
    )
    asked["data"]["unshuffled"] = sum(refers(choice) for choice in shown)
    run = BenchmarkRun(ScoredChoice, args.output, {**asked, **identity(args, engine)}, args.resume)
    complete = run.collect(choice_chunks(shown), lambda chunk: score(engine, chunk))
    items = run.items(shown)
    scores = choice_scores(items, engine.variants, args.seed)
    n = f"n = {len(items)}" if complete else f"{len(items)} of {len(shown)}"
    n += f", {len(left_out)} over the model's window left out" if left_out else ""
    title = f"{benchmark}, {args.data}, {n}, options shuffled with seed {args.seed}"
    facts = run.facts(engine, partial=not complete)
    facts |= {"left_out": left_out} if left_out else {}
    run.finish(ChoiceResult.of({**asked, **scores.plain(), **facts}), choice_summary(scores, title))


def shuffled(choices: Sequence[Choice], seed: int) -> list[Choice]:
    """The questions with their options in the seed's order, the right ones spread evenly over the
    four places; as it is stays a question of which an option names its neighbours ("both a and c",
    "all of the above")."""
    draws = {c.id: random.Random(f"{seed}:{c.id}") for c in choices if not refers(c)}
    ranked = sorted(draws, key=lambda key: draws[key].random())
    places = {key: rank % len(LETTERS) for rank, key in enumerate(ranked)}
    return [_moved(c, places[c.id], draws[c.id]) if c.id in places else c for c in choices]


def _moved(choice: Choice, place: int, draw: random.Random) -> Choice:
    wrong = [option for i, option in enumerate(choice.options) if i != choice.answer]
    options = draw.sample(wrong, len(wrong))
    options.insert(place, choice.options[choice.answer])
    return replace(choice, options=tuple(options), answer=place)


def refers(choice: Choice) -> bool:
    """Whether an option makes sense only where it stands."""
    return any(_NEIGHBOURS.search(option) for option in choice.options)


def in_window(engine: Engine, choices: Sequence[Choice]) -> tuple[list[Choice], list[str]]:
    """The questions that fit into every variant's window, and the ids of the others."""
    prompts = {c.id: choose_messages(c.question, c.options) for c in choices}
    left_out = [name for name, asked in prompts.items() if engine.excess(asked, _LETTER_ROOM) > 0]
    return [choice for choice in choices if choice.id not in left_out], left_out


def too_long(left_out: Sequence[str]) -> str:
    """What was left out, in a line."""
    return f"over the model's window, left out: {len(left_out)} ({', '.join(left_out)})"


def choice_chunks(choices: Sequence[Choice]) -> list[list[Choice]]:
    """Similar lengths together: little padding."""
    ordered = sorted(choices, key=lambda c: (len(c.question) + sum(map(len, c.options)), c.id))
    return [ordered[i : i + _CHUNK] for i in range(0, len(ordered), _CHUNK)]


def score(engine: Engine, choices: Sequence[Choice]) -> list[ScoredChoice]:
    """The questions as they were asked, with each variant's letter and log-likelihoods."""
    prompts = [choose_messages(c.question, c.options) for c in choices]
    logprobs = engine.label_logprobs(prompts, LETTER_TEXTS, engine.variants)
    check_finite(logprobs, engine.variants, [f"question {choice.id}" for choice in choices])
    items = []
    for i, choice in enumerate(choices):
        rows = dict(zip(engine.variants, logprobs[:, i], strict=True))
        item = ScoredChoice(
            id=choice.id,
            gold=LETTERS[choice.answer],
            pred={name: LETTERS[int(row.argmax())] for name, row in rows.items()},
            logprobs={
                name: dict(zip(LETTERS, map(float, row), strict=True)) for name, row in rows.items()
            },
            topic=choice.topic,
            options=choice.options,
        )
        items.append(item)
    return items


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


def choice_summary(scores: ChoiceScores, title: str) -> str:
    """What the command prints: variants and baselines, topics, pairs, what n can tell; `title` is
    the first line."""
    lines = [title, f"{'':12} accuracy  95 % interval   chosen A / B / C / D"]
    for name, v in scores.variants.items():
        low, high = v.accuracy_ci95
        chosen = " / ".join(str(v.chosen[letter]) for letter in LETTERS)
        lines.append(f"{name:12} {v.accuracy:8.3f}  {low:.3f} to {high:.3f}  {chosen}")
    for name, baseline in scores.baselines.items():
        lines.append(f"{name:12} {baseline.accuracy:8.3f}  ({baseline.source})")
    lines += ["", *_topic_lines(scores.variants), ""]
    lines += [pair.line() for pair in scores.paired]
    n = next(iter(scores.variants.values())).n
    return "\n".join([*lines, stats.power_line(n)])


def _topic_lines(variants: dict[str, ChoiceVariant]) -> list[str]:
    topics = {t: v.n for t, v in next(iter(variants.values())).per_topic.items()}
    wide = max(map(len, ["topic", *topics]))
    head = f"{'topic':{wide}} {'n':>5}  " + "  ".join(f"{name:>8}" for name in variants)
    rows = [
        f"{topic:{wide}} {n:5}  "
        + "  ".join(
            f"{v.per_topic[topic].accuracy:{max(8, len(name))}.3f}" for name, v in variants.items()
        )
        for topic, n in topics.items()
    ]
    return [head, *rows]
