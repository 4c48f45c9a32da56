"""Many visitors of the real app for minutes, over HTTP.

    python -m benchmarks.load                             # 50 visitors, five minutes
    python -m benchmarks.load --long --output runs/load   # thirty
    python -m benchmarks.load --visitors 20 --seconds 60

`python app.py` is started on a free port. First one visitor leaves in the middle of answers, and
chats are timed alone, while another visitor scores 500 questions, and while another has sent twenty
requests at once. Then the crowd: seven of ten requests are chats, two compare, one scores 16
questions; every fifth visitor leaves in the middle of answers, every fifth reads slowly. Lost is
what ended neither whole, nor with a polite refusal, nor because its visitor left.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import sys
import time
from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from typing import Any

from benchmarks.load import alone, memory
from benchmarks.load.asking import Ended, client_of
from benchmarks.load.crowd import Plan, crowd
from benchmarks.load.picture import draw
from benchmarks.load.result import LoadResult, kinds_of, summary, waits_of, why_lost
from benchmarks.speed.visitors import started
from hera.cli import output, run
from hera.cli.flags import add_model_flags
from hera.data import load_dialogues
from hera.errors import ConfigError
from hera.evaluation import records, results, stats
from hera.evaluation.provenance import machine
from hera.refs import EMBEDDED, Ref

_ROUNDS = 10  # of leaving
_CHATS = 5  # timed each time
_SENT = 20  # requests of one visitor at once
_EVERY = 5.0  # seconds between two lines of progress


def main(argv: Sequence[str] | None = None) -> None:
    """The command."""
    args = flags().parse_args(argv)
    seconds = 1800.0 if args.long else args.seconds
    if args.visitors < 1 or seconds <= 0 or args.tokens < 1:
        raise ConfigError("--visitors and --tokens must be at least 1, --seconds more than 0.")
    if args.output:
        output.check_empty(args.output)
    questions = [d.patient for d in load_dialogues(Ref.of(EMBEDDED), split="test")]
    plan = Plan(args.visitors, seconds, args.tokens, args.seed, questions)
    with started(app_flags(args)) as app:
        measured = Run(app.url, app.process, plan)
        measured.go()
    result = measured.result(str(args.model or EMBEDDED))
    if args.output:
        args.output.mkdir(parents=True, exist_ok=True)
        records.write(args.output / results.FILE, result)
        title = f"{result.model}: {plan.visitors} visitors, seed {plan.seed}"
        draw(args.output / "load.png", measured.ended, measured.samples, title)
    print(summary(result))
    if args.output:
        print(f"results written to {args.output}")
    if result.partial:
        raise KeyboardInterrupt("what was there by then is told above.")


def flags() -> argparse.ArgumentParser:
    """The command's flags."""
    parser = argparse.ArgumentParser(description="Visit the running app by many for minutes.")
    add_model_flags(parser)
    parser.add_argument("--visitors", type=int, default=50, metavar="N", help="at once (50)")
    parser.add_argument(
        "--seconds", type=float, default=300.0, metavar="S", help="of the crowd (300)"
    )
    parser.add_argument("--long", action="store_true", help="thirty minutes")
    parser.add_argument("--tokens", type=int, default=64, metavar="N", help="of an answer (64)")
    parser.add_argument("--seed", type=int, default=42, metavar="S", help="of who asks what (42)")
    parser.add_argument("--output", type=Path, metavar="DIR", help="a new folder for the results")
    return parser


def app_flags(args: argparse.Namespace) -> list[str]:
    """What the app is started with."""
    words = ["--model", str(args.model or EMBEDDED), "--questions", EMBEDDED, "--metrics"]
    for pair in args.adapter or ():
        words += ["--adapter", pair]
    return words


class Run:
    """One run, and what is known of it by now; Ctrl-C ends it with that."""

    def __init__(self, url: str, process: int, plan: Plan) -> None:
        self._url, self._process, self._plan = url, process, plan
        self._clock = time.monotonic()
        self.ended: list[Ended] = []
        self.samples: list[memory.Sample] = []
        self._crowded = 0.0
        self._free: list[int] = []
        self._beside: dict[str, Any] | None = None
        self._partial = False

    def go(self) -> None:
        """Do all of it."""
        try:
            asyncio.run(self._all())
        except KeyboardInterrupt:
            self._partial = True

    async def _all(self) -> None:
        async with client_of(self._url) as client, self._watched():
            self._free = await alone.steps_until_free(client, _ROUNDS, self._clock)
            _say(f"a row is free after {self._free} steps")
            await self._others(client)
            self._crowded = time.monotonic() - self._clock
            await crowd(client, self._plan, self._clock, self.ended)

    async def _others(self, client: Any) -> None:
        given = (client, self._plan.questions[:_CHATS], self._plan.tokens)
        by_itself = _firsts(await alone.chats(*given, self._clock))
        _say(f"chats alone: {by_itself}")
        scoring = _firsts(await alone.beside_scoring(*given, self._clock))
        _say(f"chats beside a scoring: {scoring}")
        found, refused, line = await alone.beside_many(*given, _SENT, self._clock)
        _say(f"chats beside one who asks much: {_firsts(found)}")
        self._beside = {
            "alone": by_itself,
            "scoring": scoring,
            "many": _firsts(found),
            "refused": refused,
            "sent": _SENT,
            "line": line,
        }

    @contextlib.asynccontextmanager
    async def _watched(self) -> AsyncIterator[None]:
        watching = (memory.watch(self._process, self._clock, self.samples), self._progress())
        tasks = [asyncio.create_task(one) for one in watching]
        try:
            yield
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def _progress(self) -> None:
        while True:
            await asyncio.sleep(_EVERY)
            if self._crowded:
                whole = sum(one.how == "whole" for one in self.ended)
                lost = sum(one.how == "lost" for one in self.ended)
                at = time.monotonic() - self._clock - self._crowded
                _say(f"{at:.0f} s: {whole} whole, {lost} lost, {self.samples[-1][1]:.0f} MiB")

    def result(self, model: str) -> LoadResult:
        """What is known."""
        waits = waits_of(self.ended)
        return LoadResult.of(
            {
                "benchmark": "load",
                "model": model,
                "seed": self._plan.seed,
                "visitors": self._plan.visitors,
                "seconds": self._plan.seconds,
                "tokens": self._plan.tokens,
                "partial": self._partial,
                "machine": machine().plain(),
                "kinds": kinds_of(self.ended),
                "even": stats.evenness(waits),
                "even_n": len(waits),
                "why_lost": why_lost(self.ended),
                "memory": memory.told(self.samples, self._crowded),
                "free_after": self._free,
                "beside": self._beside,
            }
        )


def _firsts(ended: Sequence[Ended]) -> list[float]:
    return [round(one.first, 3) for one in ended if one.first is not None]


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(run(main))
