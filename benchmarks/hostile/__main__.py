"""At least 10,000 requests that nobody's page makes, put to the really running app.

    python -m benchmarks.hostile                        # the app is started, on the embedded model
    python -m benchmarks.hostile --cases 500 --seed 7
    python -m benchmarks.hostile --url http://127.0.0.1:7860/

Arguments of every endpoint and of the page's own handlers (other types, lengths, numbers, control
tokens, halves of characters), bodies that are no JSON, routes, uploads, headers and assistants'
messages; eight strangers at once. A case has crashed where the app gave no reply, one without a
line, a traceback, or did not end; all have where the app ended, or its log holds a traceback or a
word of what was sent.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

from benchmarks.hostile.asked import Ended, client_of, put
from benchmarks.hostile.cases import CANARY, Case, cases
from benchmarks.speed.visitors import started
from hera.cli import run
from hera.errors import ConfigError, ModelError
from hera.refs import EMBEDDED

_STRANGERS = 8
_SHOWN = 5  # crashes that are told in full
_SHOWN_OF_LOG = 60


def main(argv: Sequence[str] | None = None) -> None:
    """The command."""
    args = flags().parse_args(argv)
    if args.cases < 1:
        raise ConfigError("--cases: give at least 1.")
    with _app(args.url) as (url, log):
        with client_of(url) as client:
            handlers = client.get("config").json()["dependencies"]
        began = time.monotonic()
        ended = _put(url, cases(args.cases, args.seed, handlers))
        seconds = time.monotonic() - began
        with client_of(url) as client:
            health = client.get("health").json()["status"]
        said = log.read_text(encoding="utf-8", errors="replace") if log else ""
    print(_table(ended))
    crashed = [one for one in ended if one.how == "crashed"]
    for one in crashed[:_SHOWN]:
        print(f"crashed: {one.case.method} {one.case.path} {one.case.body[:200]!r}: {one.why}")
    print(
        f"{len(ended):,} cases, seed {args.seed}, {seconds:.0f} s: {len(crashed)} crashes; "
        f"afterwards /health says {health}{_of_log(said) if log else ''}"
    )
    for line in _told_too_much(said):
        print(f"log: {line}")
    if crashed or "Traceback" in said or CANARY in said:
        raise ModelError("The app did not stand all of it.")


def flags() -> argparse.ArgumentParser:
    """The command's flags."""
    parser = argparse.ArgumentParser(description="Put hostile requests to the app.")
    parser.add_argument("--cases", type=int, default=10_000, metavar="N", help="(10000)")
    parser.add_argument("--seed", type=int, default=42, metavar="S", help="of all draws (42)")
    parser.add_argument("--url", help="of an app that runs; its log is not looked at")
    return parser


@contextmanager
def _app(url: str | None) -> Iterator[tuple[str, Path | None]]:
    """The address of the app, and its log where it is started here."""
    if url:
        yield url, None
        return
    with started(["--model", EMBEDDED, "--questions", EMBEDDED]) as app:
        yield app.url, app.log


def _put(url: str, all_cases: Sequence[Case]) -> list[Ended]:
    """How each ended; every stranger takes every so-manieth."""

    def stranger(number: int) -> list[Ended]:
        with client_of(url) as client:
            return [put(client, case) for case in all_cases[number::_STRANGERS]]

    with ThreadPoolExecutor(_STRANGERS) as crowd:
        return [one for some in crowd.map(stranger, range(_STRANGERS)) for one in some]


def _table(ended: Sequence[Ended]) -> str:
    found = Counter((one.case.kind, one.how) for one in ended)
    kinds = sorted({one.case.kind for one in ended})
    ways = ("refused", "answered", "left", "crashed")
    rows = [[kind, *(str(found[kind, way]) for way in ways)] for kind in kinds]
    return "\n".join(
        f"{row[0]:<10}" + "".join(f"{cell:>10}" for cell in row[1:]) for row in (["", *ways], *rows)
    )


def _of_log(said: str) -> str:
    lines = said.count("\nerror: ")
    return (
        f"; in the log {said.count('Traceback')} tracebacks, {said.count(CANARY)} words of what "
        f"was sent, {lines} lines of failures"
    )


def _told_too_much(said: str) -> list[str]:
    """Of the log, the lines from a traceback to what was raised, and those with a canary."""
    shown: list[str] = []
    within = False
    for line in said.splitlines():
        within = line.startswith("Traceback") or (within and line.startswith((" ", "\t")))
        if within or CANARY in line or (shown and shown[-1].startswith(" ")):
            shown.append(line[:200])
    return shown[:_SHOWN_OF_LOG]


if __name__ == "__main__":
    sys.exit(run(main))
