"""One question answered by every variant in one batch against the last variant alone."""

from __future__ import annotations

import argparse
import statistics
from collections.abc import Sequence

from benchmarks.harness.flags import engine_from
from hera.cli.flags import add_model_flags
from hera.errors import ConfigError
from hera.evaluation.provenance import machine
from hera.types import Engine, GenerationParams, Message

QUESTION: list[Message] = [
    {"role": "user", "content": "I have a throbbing headache on one side. What should I do?"}
]


def main(argv: Sequence[str]) -> None:
    """The `compare` part of the command."""
    args = flags().parse_args(argv)
    if args.repeats < 1 or args.tokens < 2:
        raise ConfigError("--repeats must be at least 1 and --tokens at least 2.")
    engine = engine_from(args)
    if len(engine.variants) < 2:
        raise ConfigError("One variant alone leaves nothing to compare: give an --adapter.")
    print(compare_line(engine, args.tokens, args.repeats))
    print(f"{machine().cpus} CPUs, {engine.device}, seed 0, greedy, repeats {args.repeats}")


def flags() -> argparse.ArgumentParser:
    """The command's flags."""
    parser = argparse.ArgumentParser(
        description="Measure speed as ratios within one run. First word `train`: of training; "
        "`lm-eval`: of PubMedQA against lm-evaluation-harness."
    )
    add_model_flags(parser)
    parser.add_argument("--tokens", type=int, default=64, metavar="N", help="a row's length (64)")
    parser.add_argument("--repeats", type=int, default=7, metavar="N", help="timed runs (7)")
    return parser


def compare_line(engine: Engine, tokens: int, repeats: int) -> str:
    """All variants in one batch against the last one alone, over the same number of steps: as many
    as every row lasts, so that neither side has more of its time in the prompt."""
    alone, together = engine.variants[-1:], engine.variants
    steps = len(times_of_steps(engine, together, tokens))  # warms up as well
    times_of_steps(engine, alone, steps)
    times: dict[tuple[str, ...], list[float]] = {alone: [], together: []}
    firsts: dict[tuple[str, ...], list[float]] = {alone: [], together: []}
    for _ in range(repeats):
        for names in (alone, together):
            seconds = times_of_steps(engine, names, steps)
            firsts[names].append(seconds[0])
            times[names].append(seconds[-1])
    ratios = [t / a for a, t in zip(times[alone], times[together], strict=True)]
    a, t = (statistics.median(times[names]) / steps for names in (alone, together))
    one, all_ = (statistics.median(firsts[names]) for names in (alone, together))
    return (
        f"compare: {len(together)} variants {t * 1e3:.2f} ms a step, {alone[0]} alone "
        f"{a * 1e3:.2f} ms a step, {steps} steps; ratio {statistics.median(ratios):.3f} "
        f"({min(ratios):.3f} to {max(ratios):.3f})\n"
        f"{alone[0]} alone {1 / a:.0f} tokens/s, the first after {one:.3f} s; "
        f"{len(together)} variants {len(together) / t:.0f} tokens/s, the first after {all_:.3f} s"
    )


def times_of_steps(engine: Engine, names: Sequence[str], tokens: int) -> list[float]:
    """Seconds from the request to each step, up to the first row's end; every row takes part in
    every one."""
    seconds: list[float] = []
    stream = engine.stream(
        dict.fromkeys(names, QUESTION), GenerationParams(max_new_tokens=tokens, temperature=0)
    )
    for step in stream:
        seconds.append(step.seconds)
        if any(step.finished.values()):
            break
    stream.close()
    return seconds
