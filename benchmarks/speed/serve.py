"""Many visitors at once, through the real app over HTTP.

    python -m benchmarks.speed serve
    python -m benchmarks.speed serve --model smollm2 --users 1 4 8 --answers 2
    python -m benchmarks.speed serve --server http://127.0.0.1:8000 --model DIR    # vLLM, llama.cpp

`python app.py` is started on a free port, and so many visitors ask its `/chat`, each with a client
of its own and one question after the other: tokens a second of all together, and how long each
waited for its first token. Every answer is sampled with a seed of its own and has `--tokens` at
the most; tokens are counted with the base's tokenizer. Then `--beside` visitors ask while
500 questions are scored, and last, when the app has ended, transformers' own `generate` answers
what the first visitor asked, with the base alone.
"""

from __future__ import annotations

import argparse
import statistics
import time
from collections.abc import Sequence
from contextlib import nullcontext
from typing import Any

from benchmarks.speed.visitors import (
    SEED,
    TEMPERATURE,
    Answered,
    questions_of,
    scored,
    served,
    visit,
)
from hera.cli.flags import add_model_flags, add_server_flag
from hera.errors import ConfigError
from hera.evaluation.provenance import machine
from hera.refs import EMBEDDED, Ref

_SCORED = 500  # questions


def main(argv: Sequence[str]) -> None:
    """The `serve` part of the command."""
    args = flags().parse_args(argv)
    if min(*args.users, args.answers, args.tokens) < 1 or args.beside < 0:
        raise ConfigError("--users, --answers and --tokens must be at least 1, --beside 0.")
    from hera.weights.tokenizers import load_tokenizer

    tokenizer = load_tokenizer(args.model or Ref.of(EMBEDDED))
    with served(app_flags(args)) as url:
        visit(url, 1, args.answers, args.tokens)  # warms up
        rates: list[float] = []
        for users in args.users:
            rate, answers = measured(url, users, tokenizer, args)
            rates.append(rate)
            print(line(users, answers, rate, rates[0]), flush=True)
        if args.beside:
            print(beside_scoring(url, tokenizer, args), flush=True)
    if not args.server:
        print(beside_generate(rates[0], args), flush=True)
    print(
        f"{machine().cpus} CPUs, {args.model or EMBEDDED}, seed {SEED}, temperature {TEMPERATURE}, "
        f"{args.answers} answers a visitor, {args.tokens} tokens at the most"
    )


def flags() -> argparse.ArgumentParser:
    """The command's flags."""
    parser = argparse.ArgumentParser(description="Measure the app with many visitors at once.")
    add_model_flags(parser)
    add_server_flag(parser)
    parser.add_argument(
        "--users", type=int, nargs="+", default=[1, 4, 8, 16], metavar="N", help="(1 4 8 16)"
    )
    parser.add_argument(
        "--answers", type=int, default=4, metavar="N", help="so many a visitor, in turn (4)"
    )
    parser.add_argument("--tokens", type=int, default=64, metavar="N", help="of an answer (64)")
    parser.add_argument(
        "--beside", type=int, default=4, metavar="N", help="visitors beside a run of questions (4)"
    )
    return parser


def app_flags(args: argparse.Namespace) -> list[str]:
    """What the app is started with."""
    words = ["--model", str(args.model or EMBEDDED), "--questions", EMBEDDED]
    for pair in args.adapter or ():
        words += ["--adapter", pair]
    return words + (["--server", args.server] if args.server else [])


def measured(
    url: str, users: int, tokenizer: Any, args: argparse.Namespace
) -> tuple[float, list[Answered]]:
    """Tokens a second of so many visitors together, and their answers."""
    began = time.perf_counter()
    answers = visit(url, users, args.answers, args.tokens)
    seconds = time.perf_counter() - began
    return sum(len(tokenizer.encode(a.text)) for a in answers) / seconds, answers


def line(users: int, answers: Sequence[Answered], rate: float, alone: float) -> str:
    """What so many visitors got."""
    firsts = sorted(answer.first for answer in answers)
    late = firsts[min(len(firsts) - 1, int(0.95 * len(firsts)))]
    return (
        f"{users} visitors: {rate:.1f} tokens/s together, {rate / alone:.2f} times the first "
        f"line's; "
        f"the first token after {statistics.median(firsts):.2f} s (median), {late:.2f} s (95 %); "
        f"{len(answers)} answers"
    )


def beside_scoring(url: str, tokenizer: Any, args: argparse.Namespace) -> str:
    """What visitors get while questions are scored, against the same without."""
    rates = {}
    for way in ("without", "beside"):
        with scored(url, _SCORED) if way == "beside" else nullcontext():
            rates[way], _ = measured(url, args.beside, tokenizer, args)
    return (
        f"{args.beside} visitors beside a run of {_SCORED} questions: {rates['beside']:.1f} "
        f"tokens/s together, {rates['beside'] / rates['without']:.2f} times what they get without"
    )


def beside_generate(alone: float, args: argparse.Namespace) -> str:
    """The app's one visitor against transformers' `generate` with the base alone."""
    import torch

    from hera.rendering import render
    from hera.weights.bases import load_base

    tokenizer, model = load_base(args.model or Ref.of(EMBEDDED))
    rates = []
    for question in ["Hello", *questions_of(0, args.answers)]:
        ids = torch.tensor([render(tokenizer, [{"role": "user", "content": question}])])
        began = time.perf_counter()
        said = model.generate(
            ids.to(model.device),
            attention_mask=torch.ones_like(ids).to(model.device),
            do_sample=True,
            temperature=TEMPERATURE,
            top_p=0.95,
            max_new_tokens=args.tokens,
            pad_token_id=tokenizer.pad_token_id,
        )
        rates.append((said.shape[1] - ids.shape[1]) / (time.perf_counter() - began))
    bare = statistics.fmean(rates[1:])  # the first warms up
    return (
        f"bare generate, the base alone: {bare:.1f} tokens/s; the app's first line is "
        f"{alone / bare:.2f} times that"
    )
