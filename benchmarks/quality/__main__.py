"""Quality: what variants answer to patients, measured against what a doctor replied.

    python -m benchmarks.quality --limit 50                         # embedded model and dialogues
    python -m benchmarks.quality --model google/gemma-2-2b-it --adapter stage2=me/hera-stage2 \\
        --data held_out.jsonl --output runs/quality

Dialogues in HealthCareMagic's shape (Li et al. 2023, arXiv:2303.14070), greedy answers, all
variants in one batch. A data set with a "train" split alone is read whole: give a file that
training has not seen. The measures say how close an answer is to one doctor's words, how long and
how readable it is, and whether it repeats itself; none says whether it is right.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence

from benchmarks.harness.flags import (
    add_answer_flag,
    benchmark_parser,
    choose,
    engine_from,
    greedy,
    require,
)
from benchmarks.harness.run import BenchmarkRun, check_output, identity
from benchmarks.quality.result import quality_summary
from hera import cli
from hera.data import load_dialogues
from hera.evaluation.quality.answering import LONGEST, AnsweredCase, answerable, score
from hera.evaluation.quality.result import QualityResult, quality_header, quality_parts


def main(argv: Sequence[str] | None = None) -> None:
    """The command."""
    args = flags().parse_args(argv)
    params = greedy(args.max_new_tokens)
    left_out: list[str] = []
    rows = load_dialogues(args.data, split="test", unusable=left_out)
    chosen = choose(list(enumerate(rows, 1)), args.limit, args.seed)
    check_output(args.output, args.resume)
    engine = engine_from(args, dtype=args.dtype)
    require(engine, "embed")
    try:
        cases = answerable(engine, chosen, params, left_out, args.data)
    finally:
        _say(left_out)
    asked = quality_header(engine, str(args.data), cases, params.max_new_tokens, args.seed)
    run = BenchmarkRun(AnsweredCase, args.output, {**asked, **identity(args, engine)}, args.resume)
    complete = run.collect(
        [[case] for case in cases],
        lambda chunk: [score(engine, params, case, engine.variants) for case in chunk],
    )
    items = run.items(cases)
    cut = [case.id for case in cases if case.asked is not case.dialogue]
    result = QualityResult.of(
        {
            **asked,
            "left_out": len(left_out),
            **({"cut": cut} if cut else {}),
            **quality_parts(items, engine.variants, args.seed),
            **run.facts(engine, partial=not complete),
        }
    )
    run.finish(result, quality_summary(result))


def flags() -> argparse.ArgumentParser:
    """The command's flags."""
    parser = benchmark_parser(
        "Measure variants' answers to patients.",
        "patient-doctor dialogues: a file, a folder or a Hub id ('embedded')",
    )
    add_answer_flag(parser, LONGEST)
    return parser


def _say(left_out: Sequence[str]) -> None:
    if left_out:
        print(f"{len(left_out)} rows are left out, the first: {left_out[0]}", file=sys.stderr)
    for line in left_out[1:]:
        print(f"left out: {line}", file=sys.stderr)


if __name__ == "__main__":
    sys.exit(cli.run(main))
