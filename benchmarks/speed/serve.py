"""Many visitors at once, through the real app over HTTP.

    python -m benchmarks.speed serve
    python -m benchmarks.speed serve --model smollm2 --users 1 4 8 --answers 2

`python app.py` is started on a free port, and so many visitors ask its `/chat`, each with a client
of its own and one question after the other: tokens a second of all together, and how long each
waited for its first token. Every answer is sampled with a seed of its own and has `--tokens` at
the most; tokens are counted with the base's tokenizer.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import random
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hera.cli.flags import add_model_flags
from hera.data import load_dialogues
from hera.errors import ConfigError, ModelError
from hera.evaluation.provenance import machine
from hera.refs import EMBEDDED, Ref

SEED = 42
_PATIENCE = 600.0  # seconds for the app to load its model


@dataclass(frozen=True)
class Answered:
    """One answer: seconds to its first token and to its end, and its text."""

    first: float
    whole: float
    text: str


def main(argv: Sequence[str]) -> None:
    """The `serve` part of the command."""
    args = flags().parse_args(argv)
    if min(*args.users, args.answers, args.tokens) < 1:
        raise ConfigError("--users, --answers and --tokens must be at least 1.")
    from hera.engine import load_engine

    tokenizer = load_engine(args.model or EMBEDDED, {}).tokenizer
    with served(app_flags(args)) as url:
        visit(url, 1, args)  # warms up
        alone = None
        for users in args.users:
            began = time.perf_counter()
            answers = visit(url, users, args)
            seconds = time.perf_counter() - began
            rate = sum(len(tokenizer.encode(a.text)) for a in answers) / seconds
            alone = alone or rate
            print(line(users, answers, rate, alone), flush=True)
    print(
        f"{machine().cpus} CPUs, {args.model or EMBEDDED}, seed {SEED}, temperature 0.7, "
        f"{args.answers} answers a visitor, {args.tokens} tokens at the most"
    )


def flags() -> argparse.ArgumentParser:
    """The command's flags."""
    parser = argparse.ArgumentParser(description="Measure the app with many visitors at once.")
    add_model_flags(parser)
    parser.add_argument(
        "--users", type=int, nargs="+", default=[1, 4, 8, 16], metavar="N", help="(1 4 8 16)"
    )
    parser.add_argument(
        "--answers", type=int, default=4, metavar="N", help="so many a visitor, in turn (4)"
    )
    parser.add_argument("--tokens", type=int, default=64, metavar="N", help="of an answer (64)")
    return parser


def app_flags(args: argparse.Namespace) -> list[str]:
    """What the app is started with."""
    words = ["--model", str(args.model or EMBEDDED)]
    for pair in args.adapter or ():
        words += ["--adapter", pair]
    return words


@contextlib.contextmanager
def served(words: Sequence[str]) -> Iterator[str]:
    """The app on a free port; yields its URL once its model is loaded.

    Raises:
        ModelError: it ended, with its last line, or is not there in time.
    """
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    url = f"http://127.0.0.1:{port}/"
    with tempfile.TemporaryDirectory() as folder:
        log = Path(folder, "log")
        with log.open("w", encoding="utf-8") as sink:
            app = subprocess.Popen(
                [sys.executable, "app.py", "--port", str(port), *words],
                stdout=sink,
                stderr=subprocess.STDOUT,
                env={**os.environ, "NO_PROXY": "127.0.0.1"},
            )
        try:
            began = time.monotonic()
            while not _ready(url):
                if app.poll() is not None or time.monotonic() - began > _PATIENCE:
                    said = log.read_text(encoding="utf-8").strip().splitlines()[-1:]
                    raise ModelError(f"The app cannot be measured: {''.join(said) or 'no answer'}")
                time.sleep(0.2)
            yield url
        finally:
            app.terminate()
            app.wait()


def _ready(url: str) -> bool:
    try:
        with urllib.request.urlopen(f"{url}health", timeout=5) as reply:
            return bool(reply.status == 200)
    except (urllib.error.URLError, OSError):
        return False


def visit(url: str, users: int, args: argparse.Namespace) -> list[Answered]:
    """All answers of so many visitors who ask at once."""
    with ThreadPoolExecutor(users) as crowd:
        clients = list(crowd.map(lambda _: _client(url), range(users)))
        visits = crowd.map(lambda number: _ask(number, clients[number], args), range(users))
        return [answer for answers in visits for answer in answers]


def _client(url: str) -> Any:
    from gradio_client import Client

    return Client(url, verbose=False)


def _ask(number: int, client: Any, args: argparse.Namespace) -> list[Answered]:
    """One visitor's answers, one after the other."""
    questions = [d.patient for d in load_dialogues(Ref.of(EMBEDDED), split="test")]
    asked = random.Random(SEED + number).sample(questions, args.answers)
    answers = []
    for turn, question in enumerate(asked):
        began = time.perf_counter()
        said = [""]
        first = 0.0
        seed = SEED + number * args.answers + turn
        job = client.submit(
            question, max_new_tokens=args.tokens, temperature=0.7, seed=seed, api_name="/chat"
        )
        for text in job:
            first = first or time.perf_counter() - began
            said.append(text)
        answers.append(Answered(first, time.perf_counter() - began, said[-1]))
    return answers


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
