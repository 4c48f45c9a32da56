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
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, replace
from typing import Any

from benchmarks import runs
from hera import results, stats
from hera.data import fingerprint
from hera.engine import Engine
from hera.multiple_choice import LETTERS, Choice
from hera.prompts import LETTER_TEXTS, choose_messages
from hera.scoring import Scored

_CHUNK = 16  # questions between two updates
_NEIGHBOURS = re.compile(
    r"\b(all|none|any|both) (of )?(the )?(above|these)\b|(?<!\w)[a-d]\s*(and|&|,|\+)\s*[a-d](?!\w)",
    re.IGNORECASE,
)


def run_choices(
    benchmark: str, choices: list[Choice], split: str | None, args: argparse.Namespace
) -> None:
    """Score every variant on the chosen questions; table, and results where --output says.

    Args:
        benchmark: the name in the results.
        choices: the questions as they are stored.
        split: where they are from, if the data has splits.
        args: from `benchmarks.runs.parser`.
    """
    shown = runs.choose(shuffled(choices, args.seed), args.limit, args.seed)
    runs.check_output(args.output, args.resume)
    engine = runs.engine_from(args)
    told = {
        "benchmark": benchmark,
        "data": {
            "ref": args.data,
            "split": split,
            "n": len(shown),
            "sha256": fingerprint(shown),
            "unshuffled": sum(refers(choice) for choice in shown),
        },
        "prompt": "hera",
        "prompt_text": choose_messages("{question}", [f"{{{letter}}}" for letter in LETTERS]),
        "scoring": "label log-likelihood",
        "seed": args.seed,
    }
    running = runs.Run(args.output, {**told, **runs.identity(args, engine)}, args.resume)
    complete = running.collect(in_chunks(shown), lambda chunk: score(engine, chunk))
    items = running.items(shown)
    found = summary(items, engine.variants, args.seed)
    n = f"n = {len(items)}" if complete else f"{len(items)} of {len(shown)}"
    title = f"{benchmark}, {args.data}, {n}, options shuffled with seed {args.seed}"
    result = {**told, **found, **running.head(engine, partial=not complete)}
    running.finish(result, table(found, title))


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


def in_chunks(choices: Sequence[Choice]) -> list[list[Choice]]:
    """Similar lengths together: little padding."""
    ordered = sorted(choices, key=lambda c: (len(c.question) + sum(map(len, c.options)), c.id))
    return [ordered[i : i + _CHUNK] for i in range(0, len(ordered), _CHUNK)]


def score(engine: Engine, choices: Sequence[Choice]) -> list[runs.Item]:
    """The questions as they were asked, with each variant's letter and log-likelihoods."""
    prompts = [choose_messages(c.question, c.options) for c in choices]
    logprobs = engine.label_logprobs(prompts, LETTER_TEXTS, engine.variants)
    items = []
    for i, choice in enumerate(choices):
        rows = dict(zip(engine.variants, logprobs[:, i], strict=True))
        scored = Scored(
            id=choice.id,
            gold=LETTERS[choice.answer],
            pred={name: LETTERS[int(row.argmax())] for name, row in rows.items()},
            logprobs={
                name: dict(zip(LETTERS, map(float, row), strict=True)) for name, row in rows.items()
            },
        )
        items.append({**asdict(scored), "topic": choice.topic, "options": list(choice.options)})
    return items


def summary(items: Sequence[runs.Item], variants: Sequence[str], seed: int) -> dict[str, Any]:
    """What the results say of the items, some or none: `variants`, `baselines`, `paired`,
    `smallest_difference`.

    Args:
        items: from `score`.
        variants: whose answers to look at.
        seed: of the bootstrap.
    """
    scored = [Scored(i["id"], i["gold"], i["pred"], i["logprobs"]) for i in items]
    gold = Counter(item["gold"] for item in items)
    always = {
        f"always {letter}": {**_accuracy(gold[letter], len(items)), "source": "on these questions"}
        for letter in LETTERS
    }
    return {
        "variants": {name: _variant(items, name) for name in variants},
        "baselines": {
            "random": {"accuracy": 1 / len(LETTERS), "source": "each letter as often"},
            **always,
        },
        "paired": results.pairs(scored, variants, seed),
        "smallest_difference": stats.smallest_difference(len(items)),
    }


def _variant(items: Sequence[runs.Item], name: str) -> dict[str, Any]:
    by_topic: dict[str, list[bool]] = {}
    for item in items:
        by_topic.setdefault(item["topic"], []).append(item["pred"][name] == item["gold"])
    hits = sum(map(sum, by_topic.values()))
    chosen = Counter(item["pred"][name] for item in items)
    return {
        **_accuracy(hits, len(items)),
        "per_topic": {
            topic: _accuracy(sum(hit), len(hit)) for topic, hit in sorted(by_topic.items())
        },
        "chosen": {letter: chosen[letter] for letter in LETTERS},
        "items": [
            {
                "id": item["id"],
                "topic": item["topic"],
                "gold": item["gold"],
                "pred": item["pred"][name],
                "logprobs": item["logprobs"][name],
            }
            for item in items
        ],
    }


def _accuracy(hits: int, n: int) -> dict[str, Any]:
    share = hits / n if n else 0.0
    return {"n": n, "accuracy": share, "accuracy_ci95": list(stats.wilson(hits, n))}


def table(found: dict[str, Any], title: str) -> str:
    """What the command prints: variants and baselines, topics, pairs, what n can tell.

    Args:
        found: from `summary`.
        title: the first line.
    """
    lines = [title, f"{'':12} accuracy  95 % interval   chosen A / B / C / D"]
    for name, v in found["variants"].items():
        low, high = v["accuracy_ci95"]
        chosen = " / ".join(str(v["chosen"][letter]) for letter in LETTERS)
        lines.append(f"{name:12} {v['accuracy']:8.3f}  {low:.3f} to {high:.3f}  {chosen}")
    for name, baseline in found["baselines"].items():
        lines.append(f"{name:12} {baseline['accuracy']:8.3f}  ({baseline['source']})")
    lines += ["", *_topic_lines(found["variants"]), ""]
    lines += [results.pair_line(pair) for pair in found["paired"]]
    return "\n".join([*lines, results.power_line(found)])


def _topic_lines(variants: dict[str, Any]) -> list[str]:
    topics = {t: v["n"] for t, v in next(iter(variants.values()))["per_topic"].items()}
    wide = max(map(len, ["topic", *topics]))
    head = f"{'topic':{wide}} {'n':>5}  " + "  ".join(f"{name:>8}" for name in variants)
    rows = [
        f"{topic:{wide}} {n:5}  "
        + "  ".join(
            f"{v['per_topic'][topic]['accuracy']:{max(8, len(name))}.3f}"
            for name, v in variants.items()
        )
        for topic, n in topics.items()
    ]
    return [head, *rows]
