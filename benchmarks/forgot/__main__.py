"""What a variant forgot: the loss of fixed probes in ten kinds, against the base's.

    python -m benchmarks.forgot                                  # the embedded model, ten seconds
    python -m benchmarks.forgot --model google/gemma-2-2b-it --adapter stage2=me/hera-stage2 \\
        --output runs/forgot
    python -m benchmarks.forgot.planted                          # would it notice?

24 probes a kind, and 48 of `manner`, written for HERA (`hera/evaluation/probes.toml`), each a
message with its answer; those of `manner` are answered by the base itself, greedily, when the
command begins: of its own answers a few may change much and the others hardly, and it takes more
of them to tell. See `hera.evaluation.forgetting` for what the verdicts mean.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from benchmarks.harness.flags import engine_from, require
from benchmarks.harness.run import BenchmarkRun, check_output, identity
from hera import cli
from hera.cli.flags import add_model_flags, add_server_flag
from hera.evaluation import forgetting
from hera.evaluation.forgetting import ProbeLosses, forgot_summary


def main(argv: Sequence[str] | None = None) -> None:
    """The command."""
    args = flags().parse_args(argv)
    asked = forgetting.sampled(forgetting.fixed_probes(), args.limit, args.seed)
    check_output(args.output, args.resume)
    engine = engine_from(args, dtype=args.dtype)
    require(engine, "token_logprobs")
    others = forgetting.adapted(engine.variants)
    probes = forgetting.completed(engine, asked)
    head = forgetting.forgot_header(probes, args.seed)
    run = BenchmarkRun(ProbeLosses, args.output, {**head, **identity(args, engine)}, args.resume)
    complete = run.collect(
        forgetting.in_chunks(probes), lambda chunk: forgetting.losses(engine, chunk, others)
    )
    items = run.items(probes)
    if not items:
        raise KeyboardInterrupt("nothing was scored yet.")
    facts = run.facts(engine, partial=not complete)
    result = forgetting.forgot_result(probes, asked, items, others, seed=args.seed, facts=facts)
    n = f"n = {len(items)}" if complete else f"{len(items)} of {len(probes)}"
    run.finish(result, f"What was forgotten, {engine.name}, {n} probes\n{forgot_summary(result)}")


def flags() -> argparse.ArgumentParser:
    """The command's flags."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.forgot", description="Measure what variants forgot."
    )
    add_model_flags(parser)
    add_server_flag(parser)
    parser.add_argument(
        "--limit", type=int, metavar="N", help="a seeded sample of N probes of each kind (24)"
    )
    parser.add_argument(
        "--dtype", choices=("auto", "float32", "bfloat16"), default="auto", help="of the weights"
    )
    parser.add_argument("--seed", type=int, default=42, metavar="S", help="of the sample (42)")
    parser.add_argument("--output", type=Path, metavar="DIR", help="a new folder for the results")
    parser.add_argument("--resume", action="store_true", help="go on with the run in --output")
    return parser


if __name__ == "__main__":
    sys.exit(cli.run(main))
