"""How fast: ratios measured in one run on one machine, with the spread of the repeats.

    python -m benchmarks.speed                     # the embedded model answers
    python -m benchmarks.speed compare --tokens 128 --repeats 9
    python -m benchmarks.speed train               # the embedded model is trained in three ways
    python -m benchmarks.speed train --random google/gemma-2-2b-it --bits 4     # on a GPU
    python -m benchmarks.speed lm-eval             # PubMedQA against lm-evaluation-harness

`compare` times one question answered by every variant in one batch against the last variant alone,
the same number of tokens for every row, runs of the two interleaved. `train` is described in
`benchmarks.speed_train`, `lm-eval` in `benchmarks.speed_lm_eval`.
"""

from __future__ import annotations

import argparse
import statistics
import sys
from collections.abc import Sequence

from benchmarks import speed_lm_eval, speed_train
from hera.cli import run
from hera.config import add_model_flags, parse_adapters
from hera.engine import Engine, GenerationParams, Message, load_engine
from hera.environment import environment
from hera.errors import ConfigError
from hera.refs import EMBEDDED

QUESTION: list[Message] = [
    {"role": "user", "content": "I have a throbbing headache on one side. What should I do?"}
]


def main(argv: Sequence[str] | None = None) -> None:
    """The command."""
    words = list(sys.argv[1:] if argv is None else argv)
    if words[:1] == ["train"]:
        speed_train.main(words[1:])
        return
    if words[:1] == ["lm-eval"]:
        speed_lm_eval.main(words[1:])
        return
    args = flags().parse_args(words[1:] if words[:1] == ["compare"] else words)
    if args.repeats < 1 or args.tokens < 2:
        raise ConfigError("--repeats must be at least 1 and --tokens at least 2.")
    adapters = parse_adapters(args.adapter) if args.adapter else None
    engine = load_engine(args.model or EMBEDDED, adapters)
    if len(engine.variants) < 2:
        raise ConfigError("One variant alone leaves nothing to compare: give an --adapter.")
    print(compare_line(engine, args.tokens, args.repeats))
    machine = environment(engine)
    print(f"{machine['cpus']} CPUs, {machine['device']}, seed 0, greedy, repeats {args.repeats}")


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


if __name__ == "__main__":
    sys.exit(run(main))
