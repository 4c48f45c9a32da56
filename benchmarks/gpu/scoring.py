"""Fast to score: PubMedQA's questions through the full shape, beside the device's matrix rate."""

from __future__ import annotations

import random
import time

from benchmarks.gpu.bench import Bench
from benchmarks.gpu.limits import matrix_rate
from benchmarks.gpu.plan import SEED
from benchmarks.gpu.result import Line
from benchmarks.gpu.shapes import SHAPES, multiplied_parameters
from hera.data import load_pubmedqa
from hera.engine import load_engine
from hera.prompts import LABEL_TEXTS, decide_messages


def scoring(bench: Bench) -> list[Line]:
    """One variant and three; a token costs two operations for each parameter that multiplies it
    (attention itself left out, and the head, which sees the last token alone)."""
    bench.forget()
    rate = matrix_rate(bench)
    engine = load_engine(bench.model, bench.adapters, dtype="bfloat16", device=bench.device)
    questions = random.Random(SEED).sample(load_pubmedqa(), bench.sizes.scored)
    prompts = [decide_messages(question) for question in questions]
    tokens = sum(len(engine.render(prompt)) for prompt in prompts)
    multiplied = multiplied_parameters(SHAPES[bench.shape])
    lines = []
    for names in (engine.variants[:1], engine.variants):
        engine.label_logprobs(prompts[:2], LABEL_TEXTS, names)  # warms up
        bench.wait()
        began = time.perf_counter()
        engine.label_logprobs(prompts, LABEL_TEXTS, names)
        bench.wait()
        seconds = time.perf_counter() - began
        speed = len(names) * tokens / seconds
        share = 2 * multiplied * speed / rate
        each = tokens / len(prompts)
        lines.append(
            Line(
                what=f"{len(names)} variants, {len(prompts)} questions of {each:.0f} tokens",
                value=speed,
                unit="tokens/s",
                beside=f"{share:.1%} of {rate / 1e12:.3g} TFLOP/s measured here",
            )
        )
    return lines
