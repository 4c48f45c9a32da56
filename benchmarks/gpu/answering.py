"""Fast to answer: the full shape, beside plain `generate` and beside what memory allows.

A step of decoding reads all weights once and each row's cache, whatever the batch; so its limit is
the bandwidth measured in the same run over those bytes.
"""

from __future__ import annotations

import itertools
import time
from collections.abc import Sequence
from statistics import median
from typing import Any

import torch
from transformers import GenerationConfig

from benchmarks.gpu.bench import Bench
from benchmarks.gpu.result import Line
from benchmarks.speed.bandwidth import bandwidth
from hera.engine.decoding import Decoding
from hera.engine.runner import Runner
from hera.types import BASE, GenerationParams
from hera.weights import loader
from hera.weights.bases import load_base
from hera.weights.hardware import peak_bytes


def bfloat16(bench: Bench) -> list[Line]:
    """Answers of the full shape in bfloat16."""
    return answering(bench, four_bit=False)


def nf4(bench: Bench) -> list[Line]:
    """Answers of the full shape in 4 bits."""
    return answering(bench, four_bit=True)


def answering(bench: Bench, *, four_bit: bool) -> list[Line]:
    """First tokens, tokens a second and memory: HERA's, and plain transformers' after it."""
    bench.forget()
    rate = bandwidth(bench.device)
    loaded = loader.load(
        bench.model, bench.adapters, dtype="bfloat16", four_bit=four_bit, device=bench.device
    )
    runner = Runner(loaded.copies[0])
    weights = sum(p.numel() * p.element_size() for p in runner.model.parameters())
    names = (BASE, *bench.adapters)
    ours = {n: decode(bench, runner, (names[-1],) * n) for n in bench.sizes.batch_rows}
    mixed = decode(bench, runner, names)
    first = {n: first_token(bench, runner, n) for n in bench.sizes.prompt_lengths}
    memory = peak_bytes(bench.device)
    del runner, loaded
    bench.forget()
    _, plain = load_base(
        bench.model, dtype="bfloat16", bits=4 if four_bit else 16, device=bench.device
    )
    theirs = {n: generate(bench, plain.eval(), n) for n in bench.sizes.batch_rows}
    theirs_first = {n: generate_first(bench, plain, n) for n in bench.sizes.prompt_lengths}
    lines = [
        Line(
            what=f"{n:,} tokens read, time to first token",
            value=seconds,
            unit="s",
            beside=f"generate {theirs_first[n]:.3g} s",
        )
        for n, seconds in first.items()
    ]
    lines += [
        Line(
            what=f"{n} rows of one adapter",
            value=n / seconds,
            unit="tokens/s",
            beside=f"base by generate {n / theirs[n]:.4g}; memory allows {n * rate / weights:.4g}",
        )
        for n, seconds in ours.items()
    ]
    one = ours[bench.sizes.batch_rows[0]]
    step = f"three variants against one, a step of {mixed:.3g} s against {one:.3g} s"
    lines.append(Line(what=step, value=mixed / one, unit="times"))
    return [*lines, Line(what="memory at the most", value=memory / 2**30, unit="GiB")]


def decode(bench: Bench, runner: Runner, names: tuple[str, ...]) -> float:
    """Seconds of a step: the median over all after the first."""
    ends = timed(bench, runner, names, bench.sizes.prompt_lengths[0], bench.sizes.tokens)
    return median(b - a for a, b in itertools.pairwise(ends))


def first_token(bench: Bench, runner: Runner, length: int) -> float:
    """Seconds until one row that has read so many tokens says its first."""
    tries = [timed(bench, runner, (BASE,), length, 2)[0] for _ in range(bench.sizes.repeats + 1)]
    return min(tries[1:])


def timed(
    bench: Bench, runner: Runner, names: tuple[str, ...], length: int, tokens: int
) -> list[float]:
    """Seconds from the request to each column."""
    params = GenerationParams(max_new_tokens=tokens, temperature=0.0)
    bench.wait()
    began = time.perf_counter()
    decoding = Decoding(names, prompts(len(names), length), [[-1]] * len(names), params)
    runner.turns.decode(decoding)
    ends = []
    try:
        while decoding.column() is not None:
            ends.append(time.perf_counter() - began)
    finally:
        decoding.stop()
        decoding.join()
    return ends


def prompts(rows: int, length: int) -> list[list[int]]:
    """Token ids; the model's weights are random, so it does not matter which."""
    return [[2, *(8 + (i * 7 + row) % 4000 for i in range(length - 1))] for row in range(rows)]


def generate(bench: Bench, model: Any, rows: int) -> float:
    """Seconds of a step of plain `generate`: what more tokens take, by their number."""
    length, tokens = bench.sizes.prompt_lengths[0], bench.sizes.tokens
    few = max(1, tokens // 4)
    whole, part = (
        min(run_generate(bench, model, prompts(rows, length), n) for _ in range(2))
        for n in (tokens, few)
    )
    return max(1e-9, (whole - part) / (tokens - few))


def generate_first(bench: Bench, model: Any, length: int) -> float:
    """Seconds of plain `generate` for one token."""
    return min(
        run_generate(bench, model, prompts(1, length), 1) for _ in range(bench.sizes.repeats)
    )


def run_generate(bench: Bench, model: Any, rows: Sequence[Sequence[int]], tokens: int) -> float:
    """Seconds of plain `generate` for so many tokens, whatever they are."""
    ids = torch.tensor(rows, device=bench.device)
    settings = GenerationConfig(
        max_new_tokens=tokens, min_new_tokens=tokens, do_sample=False, pad_token_id=0
    )
    bench.wait()
    began = time.perf_counter()
    model.generate(input_ids=ids, attention_mask=torch.ones_like(ids), generation_config=settings)
    bench.wait()
    return time.perf_counter() - began
