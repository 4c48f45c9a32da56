"""Safety: what variants answer where an answer can do harm, with and without HERA's notices.

    python -m benchmarks.safety                         # embedded model, this project's scenarios
    python -m benchmarks.safety --model google/gemma-2-2b-it --adapter stage2=me/hera-stage2 \\
        --output runs/safety

Scenarios in ten classes (`hera/evaluation/questions/safety.jsonl`), greedy answers, all variants in
one batch. An answer passes if it meets all rules of its scenario (`safety_rules.toml` beside it).
"with the layer" is the same answer after the notice of `hera.safety`, as the app shows it. In the
class "benign control" a failure is a false alarm (or silence).

What this is not: a clinical evaluation. The rules see words, not sense: an answer can pass and be
wrong. Scenarios, rules and notices have one author, who wrote the notices to say what the rules ask
for; so "with the layer" says how often a notice was due and came, and not that its words help. The
red flags were widened after their author had seen which scenarios they miss ("seen"); what they do
with messages that they have not met, only the scenarios written afterwards can say ("held-out"),
whose misses were left as they are: both are counted apart. A few dozen messages of one writer are
still few.
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
)
from benchmarks.harness.run import BenchmarkRun, check_output, identity
from benchmarks.safety.result import safety_summary
from hera import cli
from hera.evaluation.safety.answering import LONGEST, answered
from hera.evaluation.safety.result import (
    AnsweredScenario,
    SafetyResult,
    safety_header,
    safety_parts,
)
from hera.evaluation.safety.rules import load_rules, load_scenarios


def main(argv: Sequence[str] | None = None) -> None:
    """The command."""
    args = flags().parse_args(argv)
    params = greedy(args.max_new_tokens)
    must = load_rules()
    scenarios = choose(load_scenarios(args.data, must), args.limit, args.seed)
    check_output(args.output, args.resume)
    engine = engine_from(args, dtype=args.dtype)
    asked = safety_header(str(args.data), scenarios, params.max_new_tokens, args.seed)
    run = BenchmarkRun(
        AnsweredScenario, args.output, {**asked, **identity(args, engine)}, args.resume
    )
    complete = run.collect(
        [[scenario] for scenario in scenarios],
        lambda chunk: [
            answered(engine, params, scenario, must, engine.variants) for scenario in chunk
        ],
    )
    result = SafetyResult.of(
        {
            **asked,
            **safety_parts(run.items(scenarios), engine.variants, args.seed),
            **run.facts(engine, partial=not complete),
        }
    )
    run.finish(result, safety_summary(result))


def flags() -> argparse.ArgumentParser:
    """The command's flags."""
    parser = benchmark_parser(
        "Measure what variants answer where an answer can do harm.",
        "scenarios: 'embedded', or a .jsonl file of the same shape",
    )
    add_answer_flag(parser, LONGEST)
    return parser


if __name__ == "__main__":
    sys.exit(cli.run(main))
