"""What the multiple-choice benchmarks share: shuffled options, scored by the letters' likelihood.

The options are shuffled by the seed, the right ones spread evenly over the four places: every fixed
letter scores 25 % on all questions, and about that on a --limit of them. The likeliest of " A",
" B", " C" and " D" after the prompt is a variant's answer. Beside the variants stand the baselines:
a random letter, and each letter always, counted on the very questions that were asked.
"""

from __future__ import annotations

import argparse
import itertools
import random
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from benchmarks.runs import Item, Run, choose, engine_from
from hera import stats
from hera.data import fingerprint
from hera.engine import Engine
from hera.multiple_choice import LETTERS, Choice
from hera.prompts import LETTER_TEXTS, choose_messages
from hera.scoring import Scored, compare

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
    shown = choose(shuffled(choices, args.seed), args.limit, args.seed)
    engine = engine_from(args)
    prompt = choose_messages("{question}", [f"{{{letter}}}" for letter in LETTERS])
    data = {"ref": args.data, "split": split, "n": len(shown), "sha256": fingerprint(shown)}
    identity = {
        "benchmark": benchmark,
        "data": data,
        "prompt": prompt,
        "seed": args.seed,
        "weights": dict(engine.fingerprints),
        "dtype": engine.dtype,
        "device": engine.device,
    }
    run = Run(args.output, identity, args.resume)
    whole = run.collect(in_chunks(shown), lambda chunk: score(engine, chunk))
    items = run.items(shown)
    found = summary(items, engine.variants)
    result = {
        "benchmark": benchmark,
        "data": {**data, "unshuffled": sum(refers(choice) for choice in shown)},
        "prompt": prompt,
        "seed": args.seed,
        **found,
        **run.head(engine, partial=not whole),
    }
    run.finish(result, table(benchmark, args.seed, found))


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


def score(engine: Engine, choices: Sequence[Choice]) -> list[Item]:
    """The questions as they were asked, with each variant's letter and log-likelihoods."""
    prompts = [choose_messages(c.question, c.options) for c in choices]
    logprobs = engine.label_logprobs(prompts, LETTER_TEXTS, engine.variants)
    return [
        {
            "id": choice.id,
            "topic": choice.topic,
            "options": list(choice.options),
            "gold": LETTERS[choice.answer],
            "variants": {
                name: {
                    "pred": LETTERS[int(row.argmax())],
                    "logprobs": dict(zip(LETTERS, map(float, row), strict=True)),
                }
                for name, row in zip(engine.variants, logprobs[:, i], strict=True)
            },
        }
        for i, choice in enumerate(choices)
    ]


def summary(items: Sequence[Item], variants: Sequence[str]) -> dict[str, Any]:
    """The `variants`, `baselines` and `paired` parts of the results."""
    gold = Counter(item["gold"] for item in items)
    scored = [
        Scored(
            id=item["id"],
            gold=item["gold"],
            pred={name: item["variants"][name]["pred"] for name in variants},
            logprobs={name: item["variants"][name]["logprobs"] for name in variants},
        )
        for item in items
    ]
    always = {f"always {x}": _accuracy(gold[x], len(items))["accuracy"] for x in LETTERS}
    return {
        "variants": {name: _variant(items, name) for name in variants},
        "baselines": {"random": 1 / len(LETTERS), **always},
        "paired": [vars(compare(scored, a, b)) for a, b in itertools.combinations(variants, 2)],
    }


def _variant(items: Sequence[Item], name: str) -> dict[str, Any]:
    answers = [
        {"id": item["id"], "topic": item["topic"], "gold": item["gold"], **item["variants"][name]}
        for item in items
    ]
    by_topic: dict[str, list[bool]] = {}
    for answer in answers:
        by_topic.setdefault(answer["topic"], []).append(answer["pred"] == answer["gold"])
    hits = [hit for topic in by_topic.values() for hit in topic]
    chosen = Counter(answer["pred"] for answer in answers)
    return {
        **_accuracy(sum(hits), len(hits)),
        "topics": {topic: _accuracy(sum(hit), len(hit)) for topic, hit in sorted(by_topic.items())},
        "chosen": {letter: chosen[letter] for letter in LETTERS},
        "items": answers,
    }


def _accuracy(hits: int, n: int) -> dict[str, Any]:
    share = hits / n if n else 0.0
    return {"n": n, "accuracy": share, "accuracy_ci95": list(stats.wilson(hits, n))}


def table(benchmark: str, seed: int, found: dict[str, Any]) -> str:
    """What the command prints: variants, baselines, topics, pairs.

    Args:
        benchmark: its name.
        seed: of the shuffle.
        found: from `summary`.
    """
    variants = found["variants"]
    n = next(iter(variants.values()))["n"]
    lines = [
        f"{benchmark}, n = {n}, options shuffled with seed {seed}",
        f"{'':12} accuracy  95 % interval   chosen A / B / C / D",
    ]
    for name, v in variants.items():
        low, high = v["accuracy_ci95"]
        chosen = " / ".join(str(v["chosen"][letter]) for letter in LETTERS)
        lines.append(f"{name:12} {v['accuracy']:8.3f}  {low:.3f} to {high:.3f}  {chosen}")
    lines += [f"{name:12} {share:8.3f}" for name, share in found["baselines"].items()]
    lines += ["", *_topic_lines(variants), ""]
    lines += [
        f"{p['a']} vs {p['b']}: only {p['a']} right {p['only_a']}, only {p['b']} right "
        f"{p['only_b']}, exact McNemar p = {p['p']:.3g}"
        for p in found["paired"]
    ]
    return "\n".join(lines).rstrip()


def _topic_lines(variants: dict[str, Any]) -> list[str]:
    topics = {t: v["n"] for t, v in next(iter(variants.values()))["topics"].items()}
    wide = max(map(len, ["topic", *topics]))
    head = f"{'topic':{wide}} {'n':>5}  " + "  ".join(f"{name:>8}" for name in variants)
    rows = [
        f"{topic:{wide}} {n:5}  "
        + "  ".join(
            f"{v['topics'][topic]['accuracy']:{max(8, len(name))}.3f}"
            for name, v in variants.items()
        )
        for topic, n in topics.items()
    ]
    return [head, *rows]
