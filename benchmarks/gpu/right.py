"""Right: the embedded model on the device against itself on the CPU in float32."""

from __future__ import annotations

import random

import numpy as np

from benchmarks.gpu.bench import Bench
from benchmarks.gpu.plan import SEED
from benchmarks.gpu.result import Line
from hera.data import load_dialogues, load_pubmedqa
from hera.engine import load_engine
from hera.prompts import LABEL_TEXTS, decide_messages
from hera.types import Engine, GenerationParams, Message, Prompt

TOLERANCE = 1e-3  # nats: float32 sums in another order, over some 400 tokens and six layers


def float32(bench: Bench) -> list[Line]:
    """Label log-likelihoods of every variant, in float32 on both."""
    wanted = reference(bench)
    found = engine_on(bench, "float32").label_logprobs(prompts(bench), LABEL_TEXTS)
    furthest = float(np.abs(found - wanted).max())
    return [
        Line(
            what="label log-likelihoods, largest difference from the CPU",
            value=furthest,
            unit="nats",
            beside=f"at most {TOLERANCE:g}",
            ok=furthest <= TOLERANCE,
        ),
        changed(found, wanted, most=0.0),
    ]


def greedy(bench: Bench) -> list[Line]:
    """Greedy answers to patients: device against CPU, together against alone."""
    cpu, engine = cpu_engine(bench), engine_on(bench, "float32")
    asked = messages(bench)
    params = GenerationParams(max_new_tokens=bench.sizes.tokens, temperature=0.0)
    doctor = engine.variants[-1]
    there = [text for text, _ in cpu.answers(doctor, asked, params)]
    here = [text for text, _ in engine.answers(doctor, asked, params)]
    alone = together = 0
    for prompt in asked[: max(1, len(asked) // 4)]:
        all_at_once = engine.answer(dict.fromkeys(engine.variants, prompt), params).texts
        for name in engine.variants:
            alone += 1
            together += engine.answer({name: prompt}, params).texts[name] == all_at_once[name]
    same = sum(a == b for a, b in zip(there, here, strict=True))
    return [
        share("greedy answers equal to the CPU's", same, len(asked)),
        share("greedy answers together equal to alone", together, alone),
    ]


def bfloat16(bench: Bench) -> list[Line]:
    """What bfloat16 changes."""
    found = engine_on(bench, "bfloat16").label_logprobs(prompts(bench), LABEL_TEXTS)
    return [finite(found), changed(found, reference(bench), most=0.1)]


def nf4(bench: Bench) -> list[Line]:
    """The base in 4 bits: it loads, scores and answers."""
    engine = load_engine("embedded", four_bit=True, device=bench.device)
    found = engine.label_logprobs(prompts(bench), LABEL_TEXTS)
    params = GenerationParams(max_new_tokens=bench.sizes.tokens, temperature=0.0)
    asked = messages(bench)
    answers = engine.answers(engine.variants[-1], asked, params)
    said = sum(bool(text.strip()) for text, _ in answers)
    return [
        finite(found),
        changed(found, reference(bench)),
        share("answers that say something", said, len(asked)),
    ]


def cpu_engine(bench: Bench) -> Engine:
    """The embedded model on the CPU in float32."""
    engine: Engine = bench.once(
        "cpu", lambda: load_engine("embedded", dtype="float32", device="cpu")
    )
    return engine


def engine_on(bench: Bench, dtype: str) -> Engine:
    """The embedded model on the device."""
    engine: Engine = bench.once(
        dtype, lambda: load_engine("embedded", dtype=dtype, device=bench.device)
    )
    return engine


def reference(bench: Bench) -> np.ndarray:
    """The CPU's log-likelihoods, float32 [variants, questions, labels]."""
    found: np.ndarray = bench.once(
        "reference", lambda: cpu_engine(bench).label_logprobs(prompts(bench), LABEL_TEXTS)
    )
    return found


def prompts(bench: Bench) -> list[Prompt]:
    """A seeded sample of the embedded held-out questions, as they are scored."""
    questions = random.Random(SEED).sample(load_pubmedqa(), bench.sizes.questions)
    return [decide_messages(question) for question in questions]


def messages(bench: Bench) -> list[list[Message]]:
    """A seeded sample of the embedded held-out patients."""
    dialogues = random.Random(SEED).sample(load_dialogues(split="test"), bench.sizes.prompts)
    return [dialogue.asked() for dialogue in dialogues]


def changed(found: np.ndarray, wanted: np.ndarray, most: float | None = None) -> Line:
    """How many predictions differ, of all variants together; `most` is the share that may."""
    different = int((found.argmax(-1) != wanted.argmax(-1)).sum())
    total = found.shape[0] * found.shape[1]
    limit = "" if most is None else f", at most {most:.0%}"
    return Line(
        what="predictions that differ from the CPU's in float32",
        value=different,
        unit="",
        beside=f"of {total}{limit}",
        ok=None if most is None else different <= most * total,
    )


def finite(found: np.ndarray) -> Line:
    """Whether every log-likelihood is a number."""
    bad = int((~np.isfinite(found)).sum())
    return Line(what="log-likelihoods that are no numbers", value=bad, unit="", ok=bad == 0)


def share(what: str, hits: int, n: int) -> Line:
    """A count that should be all of them."""
    return Line(what=what, value=hits, unit="", beside=f"of {n}", ok=hits == n)
