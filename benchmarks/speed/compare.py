"""One question answered by every variant in one batch against the last variant alone; what that
takes of the memory's bandwidth; PubMedQA's questions; and llama.cpp beside it, where it can be.

A step of decoding reads all weights once, whatever the batch. Bytes a step = the parameters, in
their dtype, adapters included, without a table of words that is not the output head as well. Their
share of the bandwidth = bytes a step / seconds a step after the first / bytes a second of a large
copy in the same run.
"""

from __future__ import annotations

import argparse
import statistics
import time
from collections.abc import Sequence
from dataclasses import dataclass, field

from benchmarks.harness.flags import choose, engine_from
from benchmarks.speed import llama_cpp
from benchmarks.speed.bandwidth import bandwidth
from hera.cli.flags import add_model_flags, add_ref_flag
from hera.data import Question, load_pubmedqa
from hera.errors import ConfigError
from hera.evaluation.provenance import machine
from hera.evaluation.scoring import in_chunks, score_chunk
from hera.refs import EMBEDDED, Ref
from hera.types import Engine, GenerationParams, Message
from hera.weights.gguf import gguf_behind
from hera.weights.hardware import peak_bytes

QUESTION: list[Message] = [
    {"role": "user", "content": "I have a throbbing headache on one side. What should I do?"}
]


@dataclass
class Timed:
    """Runs of one set of variants: seconds to the first and to the last of so many steps."""

    names: Sequence[str]
    steps: int
    firsts: list[float] = field(default_factory=list)
    lasts: list[float] = field(default_factory=list)

    def add(self, seconds: Sequence[float]) -> None:
        """One more run, by the seconds to each step."""
        self.firsts.append(seconds[0])
        self.lasts.append(seconds[-1])

    @property
    def decoding(self) -> float:
        """Seconds of a step after the first, in the middle of the runs."""
        rest = (b - a for a, b in zip(self.firsts, self.lasts, strict=True))
        return max(1e-9, statistics.median(rest) / max(1, self.steps - 1))


def main(argv: Sequence[str]) -> None:
    """The `compare` part of the command."""
    args = flags().parse_args(argv)
    if args.repeats < 1 or args.tokens < 2:
        raise ConfigError("--repeats must be at least 1 and --tokens at least 2.")
    questions = choose(load_pubmedqa(args.data), args.limit, 0)
    engine = engine_from(args)
    if len(engine.variants) < 2:
        raise ConfigError("One variant alone leaves nothing to compare: give an --adapter.")
    alone, together = timed(engine, args.tokens, args.repeats)
    print(compare_line(alone, together))
    print(bandwidth_line(engine, alone, together, bandwidth(engine.device)))
    print(questions_line(engine, questions))
    print(f"memory: {peak_bytes(engine.device) / 2**30:.2f} GiB at the most; {engine.pace}")
    file = gguf_behind(args.model or Ref.of(EMBEDDED))
    ids = engine.render(QUESTION)
    print(llama_cpp.line(file, ids, alone.steps, args.repeats, threads(engine)))
    print(f"{machine().cpus} CPUs, {engine.device}, seed 0, greedy, repeats {args.repeats}")


def flags() -> argparse.ArgumentParser:
    """The command's flags."""
    parser = argparse.ArgumentParser(
        description="Measure speed as ratios within one run. First word `train`: of training; "
        "`lm-eval`: of PubMedQA against lm-evaluation-harness."
    )
    add_model_flags(parser)
    add_ref_flag(parser, "--data", "PubMedQA questions", default=EMBEDDED)
    parser.add_argument("--limit", type=int, default=8, metavar="N", help="so many questions (8)")
    parser.add_argument("--tokens", type=int, default=64, metavar="N", help="a row's length (64)")
    parser.add_argument("--repeats", type=int, default=7, metavar="N", help="timed runs (7)")
    return parser


def threads(engine: Engine) -> int:
    """How many decode."""
    import torch

    pace = engine.pace
    return pace.threads if pace and pace.threads else torch.get_num_threads()


def timed(engine: Engine, tokens: int, repeats: int) -> tuple[Timed, Timed]:
    """The last variant alone and all in one batch, interleaved, over the same number of steps: as
    many as every row lasts, so that neither side has more of its time in the prompt."""
    steps = len(times_of_steps(engine, engine.variants, tokens))  # warms up as well
    alone, together = Timed(engine.variants[-1:], steps), Timed(engine.variants, steps)
    times_of_steps(engine, alone.names, steps)
    for _ in range(repeats):
        for side in (alone, together):
            side.add(times_of_steps(engine, side.names, steps))
    return alone, together


def compare_line(alone: Timed, together: Timed) -> str:
    """All variants in one batch against the last one alone."""
    ratios = [t / a for a, t in zip(alone.lasts, together.lasts, strict=True)]
    a, t = (statistics.median(side.lasts) / side.steps for side in (alone, together))
    one, all_ = (statistics.median(side.firsts) for side in (alone, together))
    n = len(together.names)
    return (
        f"compare: {n} variants {t * 1e3:.2f} ms a step, {alone.names[0]} alone "
        f"{a * 1e3:.2f} ms a step, {alone.steps} steps; ratio {statistics.median(ratios):.3f} "
        f"({min(ratios):.3f} to {max(ratios):.3f})\n"
        f"{alone.names[0]} alone {1 / a:.0f} tokens/s, the first after {one:.3f} s; "
        f"{n} variants {n / t:.0f} tokens/s, the first after {all_:.3f} s"
    )


def bandwidth_line(engine: Engine, alone: Timed, together: Timed, rate: float) -> str:
    """What decoding takes of the memory's bandwidth, a large copy's bytes a second."""
    a, t = alone.decoding, together.decoding
    n = len(together.names)
    told = (
        f"decoding after the first: {alone.names[0]} alone {1 / a:.1f} tokens/s, {n} variants "
        f"{n / t:.1f} tokens/s"
    )
    if engine.step_bytes is None:
        return told
    read = engine.step_bytes
    return (
        f"{told}; a step reads {read / 1e9:.3f} GB of weights: {read / a / 1e9:.1f} and "
        f"{read / t / 1e9:.1f} GB/s, {read / a / rate:.0%} and {read / t / rate:.0%} of a large "
        f"copy's {rate / 1e9:.1f} GB/s"
    )


def questions_line(engine: Engine, questions: Sequence[Question]) -> str:
    """Seconds a question of PubMedQA takes one variant, and all."""
    told = []
    for names in (engine.variants[-1:], engine.variants):
        began = time.perf_counter()
        for chunk in in_chunks(questions):
            score_chunk(engine, chunk, names, "hera")
        seconds = (time.perf_counter() - began) / len(questions)
        who = f"{names[0]} alone" if len(names) == 1 else f"{len(names)} variants"
        told.append(f"{who} {seconds:.3f} s a question")
    return f"PubMedQA: {', '.join(told)} ({len(questions)} questions)"


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
