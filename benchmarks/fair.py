"""Fair prompts: PubMedQA with each variant's own best of eight prompts, and under all eight.

    python -m benchmarks.fair --limit 200                             # embedded model and questions
    python -m benchmarks.fair --model smollm2 --data ori_pqal.json --limit 60 --output runs/fair

Every question is asked in every prompt (`PUBMEDQA_PROMPTS` in `hera/prompts.py`). A variant's
prompt is chosen on one half of the questions and scored on the other, both ways
(`hera/evaluation/fair_prompts.py`). Beside it stands under how many of the eight each pair's
verdict is another, and what could be claimed by choosing prompts as one likes. `--output DIR` gets
`items.jsonl` as it is scored, and `results.json` with every answer under every prompt.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence

from benchmarks.harness.flags import benchmark_parser, choose, engine_from
from benchmarks.harness.run import BenchmarkRun, check_output, identity
from benchmarks.pubmedqa import pick, split_flag
from hera import cli
from hera.data import load_pubmedqa
from hera.errors import ConfigError
from hera.evaluation.comparing import Pair
from hera.evaluation.fair_prompts import (
    USUAL,
    Accuracy,
    FairPair,
    FairPrompts,
    FairResult,
    FairVariant,
    fair_header,
    fair_prompts,
    in_all_prompts,
)
from hera.evaluation.prompted import prompted, score_prompted
from hera.evaluation.scoring import Scored
from hera.evaluation.summary import cut_lines

_SAYS = {1: "better", -1: "worse", 0: "cannot be told"}


def main(argv: Sequence[str] | None = None) -> None:
    """The command."""
    args = flags().parse_args(argv)
    questions, split = pick(load_pubmedqa(args.data), args.split, args.data)
    questions = choose(questions, args.limit, args.seed)
    if len(questions) < 2:
        raise ConfigError("One question makes no halves: ask for at least two.")
    check_output(args.output, args.resume)
    engine = engine_from(args, dtype=args.dtype)
    variants, chunks = engine.variants, prompted(questions)
    asked = fair_header(args.data, split, questions, args.seed)
    run = BenchmarkRun(Scored, args.output, {**asked, **identity(args, engine)}, args.resume)
    complete = run.collect(chunks, lambda chunk: score_prompted(engine, chunk, variants))
    every = [one for chunk in chunks for one in chunk]
    whole = in_all_prompts(questions, run.items(every))
    found = fair_prompts(whole, variants, seed=args.seed)
    if found is None:
        raise KeyboardInterrupt("fewer than two questions were scored in all prompts yet.")
    facts = run.facts(engine, partial=not complete)
    title = f"fair prompts, {args.data}, {split}, n = {found.n}, seed {args.seed}"
    run.finish(FairResult.of({**asked, **found.plain(), **facts}), f"{title}\n{summary(found)}")


def flags() -> argparse.ArgumentParser:
    """The command's flags."""
    parser = benchmark_parser(
        "Score every variant under eight prompts, and with its own best.",
        "questions, as benchmarks.pubmedqa",
    )
    split_flag(parser)
    return parser


def summary(found: FairPrompts) -> str:
    """A block a variant, and a block a pair."""
    lines = [line for name, one in found.variants.items() for line in (name, *_variant(one))]
    lines += [line for pair in found.paired for line in _pair(pair)]
    return "\n".join([*lines, *cut_lines(found.cut)])


def _variant(one: FairVariant) -> list[str]:
    lines = [f"  {prompt}: {_accuracy(its)}" for prompt, its in one.prompts.items()]
    for choice in one.chosen:
        lines.append(
            f"  best on {choice.n_chosen}: {choice.prompt} ({choice.accuracy_chosen:.3f}), which "
            f"has {choice.accuracy_scored:.3f} on the other {choice.n_scored}"
        )
    return [*lines, f"  with its own best prompt: {_accuracy(one.fair)}"]


def _pair(pair: FairPair) -> list[str]:
    low, high = pair.over_splits
    counts = ", ".join(f"{says} under {len(pair.saying(way))}" for way, says in _SAYS.items())
    return [
        f"{pair.a} to {pair.b}",
        *(f"  {prompt}: {_verdict(its)}" for prompt, its in pair.under.items()),
        f"  each with its own best prompt: {_verdict(pair.fair)}",
        f"  95 of 100 other splits: {low:+.3f} to {high:+.3f}",
        f"  of {len(pair.under)} prompts {pair.b} is {counts}; another verdict than {USUAL}'s: "
        f"{_listed(pair.turned)}; another sign: {_listed(pair.reversed)}",
        f"  with any two prompts: {_spread(pair)}",
    ]


def _spread(pair: FairPair) -> str:
    its = pair.spread
    ends = ((its.smallest, its.smallest_prompts), (its.largest, its.largest_prompts))
    return " to ".join(f"{gain:+.3f} ({pair.a} {a}, {pair.b} {b})" for gain, (a, b) in ends)


def _accuracy(one: Accuracy) -> str:
    low, high = one.accuracy_ci95
    return f"{one.accuracy:.3f} ({low:.3f} to {high:.3f}), macro-F1 {one.macro_f1:.3f}"


def _verdict(pair: Pair) -> str:
    low, high = pair.difference_ci95
    return (
        f"{pair.difference:+.3f} ({low:+.3f} to {high:+.3f}), only {pair.a} right {pair.only_a}, "
        f"only {pair.b} {pair.only_b}, Holm p = {pair.p_holm:.3g}: {_SAYS[pair.verdict]}"
    )


def _listed(prompts: Sequence[str]) -> str:
    return f"{len(prompts)} ({', '.join(prompts)})" if prompts else "0"


if __name__ == "__main__":
    sys.exit(cli.run(main))
