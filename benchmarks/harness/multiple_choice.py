"""What the multiple-choice commands share: a run over shuffled options, and how it is printed."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence

from benchmarks.harness.flags import choose, engine_from
from benchmarks.harness.run import BenchmarkRun, check_output, identity
from hera.data import Choice
from hera.data.choices import LETTERS
from hera.errors import DataError
from hera.evaluation import stats
from hera.evaluation.choices.asking import (
    ScoredChoice,
    choice_chunks,
    in_window,
    score,
    shuffled,
)
from hera.evaluation.choices.result import (
    ChoiceResult,
    ChoiceScores,
    ChoiceVariant,
    choice_header,
    choice_scores,
)


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
    shown, left_out = in_window(engine, chosen, engine.variants)
    if left_out:
        print(too_long(left_out), file=sys.stderr)
    if not shown:
        raise DataError(f"{args.data.says}: every question is over the model's window.")
    asked = choice_header(benchmark, str(args.data), split, shown, args.seed)
    run = BenchmarkRun(ScoredChoice, args.output, {**asked, **identity(args, engine)}, args.resume)
    complete = run.collect(
        choice_chunks(shown), lambda chunk: score(engine, chunk, engine.variants)
    )
    items = run.items(shown)
    scores = choice_scores(items, engine.variants, args.seed)
    n = f"n = {len(items)}" if complete else f"{len(items)} of {len(shown)}"
    n += f", {len(left_out)} over the model's window left out" if left_out else ""
    title = f"{benchmark}, {args.data}, {n}, options shuffled with seed {args.seed}"
    facts = run.facts(engine, partial=not complete)
    facts |= {"left_out": left_out} if left_out else {}
    run.finish(ChoiceResult.of({**asked, **scores.plain(), **facts}), choice_summary(scores, title))


def too_long(left_out: Sequence[str]) -> str:
    """What was left out, in a line."""
    return f"over the model's window, left out: {len(left_out)} ({', '.join(left_out)})"


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
    return "\n".join([*lines, stats.power_line(scores.n)])


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
