"""PubMedQA scored by HERA and by lm-evaluation-harness: same questions, weights, dtype, one run.

    pip install lm_eval==0.4.13      # a development tool, not among HERA's requirements
    python -m benchmarks.speed lm-eval --data ori_pqal.json --limit 100
    python -m benchmarks.speed lm-eval --data ori_pqal.json --prompt hera

The harness gets what its `pubmedqa` task sends it: for every question and label a log-likelihood
request with the same context (its own task file would fetch the data from the Hub). Under another
`--prompt` it gets that one's context, a conversation laid out by its own chat template. Its side is
timed in its batches of 16, ours as `benchmarks.pubmedqa --prompt` scores; loading is left out on
both. Then every variant's log-likelihoods are compared, question by question.
"""

from __future__ import annotations

import argparse
import statistics
import time
from collections.abc import Sequence
from typing import Any

import numpy as np

from benchmarks.harness.flags import choose, engine_from
from hera.cli.flags import add_model_flags, add_ref_flag, parse_adapters
from hera.data import Question, load_pubmedqa
from hera.errors import ConfigError
from hera.evaluation.provenance import machine
from hera.evaluation.scoring import PROMPTS, in_chunks, prompt_for, score_chunk
from hera.prompts import LABEL_TEXTS
from hera.refs import EMBEDDED, Ref, shipped_adapters
from hera.types import BASE, Engine
from hera.weights.gguf import unpacked

_BATCH = 16


def main(argv: Sequence[str]) -> None:
    """The `lm-eval` part of the command."""
    args = flags().parse_args(argv)
    if args.repeats < 1:
        raise ConfigError("--repeats must be at least 1.")
    questions = choose(load_pubmedqa(args.data), args.limit, args.seed)
    base = unpacked(args.model or Ref.of(EMBEDDED))
    shipped = shipped_adapters(base)
    adapters = parse_adapters(args.adapter) if args.adapter else shipped
    theirs = harness(base, args.dtype)
    engine = engine_from(args, dtype=args.dtype)
    print(speed_lines(engine, theirs, questions, args.prompt, args.repeats))
    for name in engine.variants:
        peer = theirs if name == BASE else harness(base, args.dtype, adapters[name])
        print(agreement_line(engine, peer, name, questions, args.prompt))
    print(
        f"{len(questions)} questions of {args.data}, prompt {args.prompt}, seed {args.seed}, "
        f"{args.dtype}, {args.repeats} repeats, {machine().cpus} CPUs, {engine.device}"
    )


def flags() -> argparse.ArgumentParser:
    """The command's flags."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.speed lm-eval")
    add_model_flags(parser)
    add_ref_flag(parser, "--data", "PubMedQA questions", default=EMBEDDED)
    parser.add_argument(
        "--prompt", choices=PROMPTS, default="lm-eval", help="which prompt to score"
    )
    parser.add_argument("--limit", type=int, metavar="N", help="a seeded sample of N questions")
    parser.add_argument("--dtype", choices=("float32", "bfloat16"), default="float32")
    parser.add_argument("--repeats", type=int, default=3, metavar="N", help="timed runs (3)")
    parser.add_argument("--seed", type=int, default=42, metavar="S", help="of --limit's sample")
    return parser


def harness(base: Ref, dtype: str, adapter: Ref | None = None) -> Any:
    """The harness's own model.

    Raises:
        ConfigError: it is not installed.
    """
    try:
        from lm_eval.models.huggingface import HFLM
    except ImportError as error:
        raise ConfigError(
            "lm_eval is not installed. It is a development tool: pip install lm_eval==0.4.13"
        ) from error
    import torch

    device = "cuda" if torch.cuda.is_available() else "cpu"
    return HFLM(
        pretrained=base.pretrained()[0],
        peft=adapter.pretrained()[0] if adapter else None,
        dtype=dtype,
        device=device,
        batch_size=_BATCH,
        trust_remote_code=False,
    )


def context(peer: Any, question: Question, prompt: str) -> str:
    """What the harness scores the labels after."""
    asked = prompt_for(question, prompt)
    if isinstance(asked, str):
        return asked
    text: str = peer.apply_chat_template(asked, add_generation_prompt=False)
    return text


def theirs_on(peer: Any, questions: Sequence[Question], prompt: str) -> np.ndarray:
    """The harness's log-likelihoods, float64 [questions, labels]."""
    from lm_eval.api.instance import Instance

    requests = [
        Instance("loglikelihood", {}, (context(peer, q, prompt), label), index)
        for q in questions
        for index, label in enumerate(LABEL_TEXTS)
    ]
    scores = peer.loglikelihood(requests, disable_tqdm=True)
    return np.array([value for value, _ in scores]).reshape(len(questions), len(LABEL_TEXTS))


def ours_on(
    engine: Engine, questions: Sequence[Question], names: Sequence[str], prompt: str
) -> dict[str, list[list[float]]]:
    """Ours, by question id: [variants, labels]."""
    return {
        s.id: [list(s.logprobs[name].values()) for name in names]
        for chunk in in_chunks(questions)
        for s in score_chunk(engine, chunk, names, prompt)
    }


def speed_lines(
    engine: Engine, peer: Any, questions: Sequence[Question], prompt: str, repeats: int
) -> str:
    """One variant and all of them against the harness's one, by ratio of medians' repeats."""
    sides = {
        "lm-eval, one variant": lambda: theirs_on(peer, questions, prompt),
        "HERA, one variant": lambda: ours_on(engine, questions, [BASE], prompt),
        f"HERA, {len(engine.variants)} variants": lambda: ours_on(
            engine, questions, engine.variants, prompt
        ),
    }
    times: dict[str, list[float]] = {name: [] for name in sides}
    for _ in range(repeats):
        for name, side in sides.items():
            began = time.perf_counter()
            side()
            times[name].append(time.perf_counter() - began)
    first, *others = times
    lines = [f"{first}: {statistics.median(times[first]):.2f} s"]
    for name in others:
        ratios = [mine / its for mine, its in zip(times[name], times[first], strict=True)]
        lines.append(
            f"{name}: {statistics.median(times[name]):.2f} s, ratio {statistics.median(ratios):.3f}"
            f" ({min(ratios):.3f} to {max(ratios):.3f})"
        )
    return "\n".join(lines)


def agreement_line(
    engine: Engine, peer: Any, name: str, questions: Sequence[Question], prompt: str
) -> str:
    """How many predictions are equal, and the largest difference of a log-likelihood."""
    mine = ours_on(engine, questions, [name], prompt)
    ours = np.array([mine[q.id][0] for q in questions])
    theirs = theirs_on(peer, questions, prompt)
    equal = int((ours.argmax(1) == theirs.argmax(1)).sum())
    return (
        f"{name}: {equal} of {len(questions)} predictions equal, largest difference of a "
        f"log-likelihood {np.abs(ours - theirs).max():.2g}"
    )
