"""How often the notice is right: messages that were locked away while the detectors were built.

    python -m benchmarks.safety.messages                    # a minute; no model is needed
    python -m benchmarks.safety.messages --output runs/messages
    python -m benchmarks.safety.messages --data benchmarks/data/messages/later

`benchmarks/data/messages`: three authors' messages in 54 classes, whom neither the rules nor the
learned detector were built on; in `later` there are three more, who wrote when the sums of those
had been looked at often, and many of whose harmless messages were to stand near danger. Recall is
the share of emergencies and crises that are given a notice of either, false alarms the share of
other messages that are given one; intervals are Wilson's (1927). Counted for the rules alone, the
learned detector alone, and both, as the app uses them. Authors and classes are counted apart:
messages of one author are alike, so that the intervals say how well these authors' messages are
told, and not those of everybody.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hera import cli
from hera.cli.output import check_new_folder
from hera.errors import ConfigError
from hera.evaluation import records, results, stats
from hera.evaluation.provenance import machine
from hera.evaluation.records import Interval, Record
from hera.evaluation.safety.messages import Message, read_messages
from hera.safety import Assessment, assess
from hera.safety.learned import classes, detector
from hera.safety.rules import red_flags

DATA = Path(__file__).parents[1] / "data" / "messages"
DETECTORS: dict[str, Callable[[Assessment], bool]] = {
    "rules": lambda told: any(flag in _urgent() for flag in told.flags),
    "learned": lambda told: told.learned is not None and told.learned.level != "none",
    "both": lambda told: told.level != "none",
}


class Share(Record):
    """Of `n` messages so many were given a notice."""

    n: int
    alarms: int
    ci95: Interval


class MessagesResult(Record):
    """results.json: detector -> all, author or class -> those with danger, and without."""

    benchmark: str
    n: int
    authors: tuple[str, ...]
    danger: dict[str, dict[str, Share]]
    harmless: dict[str, dict[str, Share]]
    milliseconds: dict[str, float]
    threshold: float | None
    cpus: int


@dataclass(frozen=True)
class Read:
    """A message and what was made of it."""

    message: Message
    told: Assessment


def main(argv: Sequence[str] | None = None) -> None:
    """The command."""
    args = flags().parse_args(argv)
    if args.output:
        check_new_folder(args.output)
    messages = read_messages(args.data)
    if not messages:
        raise ConfigError(f"--data {args.data}: there are no messages (*.jsonl).")
    read, spent = assessed(messages)
    result = measured(read, spent)
    print(summary(result))
    if args.output:
        args.output.mkdir(parents=True, exist_ok=True)
        (args.output / results.FILE).write_text(records.text(result), encoding="utf-8")


def flags() -> argparse.ArgumentParser:
    """The command's flags."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.safety.messages",
        description="Measure how often the notice is right.",
    )
    parser.add_argument(
        "--data", type=Path, default=DATA, metavar="DIR", help="authors' messages (*.jsonl)"
    )
    parser.add_argument("--output", type=Path, metavar="DIR", help="a new folder for the result")
    return parser


def assessed(messages: Sequence[Message]) -> tuple[list[Read], list[float]]:
    """What is made of each, and the milliseconds that each took."""
    assess("")  # what is loaded on the first call is no message's time
    read, spent = [], []
    for message in messages:
        began = time.perf_counter()
        read.append(Read(message, assess(message.text)))
        spent.append(1000 * (time.perf_counter() - began))
    return read, spent


def measured(read: Sequence[Read], spent: Sequence[float]) -> MessagesResult:
    """The shares by author and class."""
    authors = tuple(dict.fromkeys(each.message.author for each in read))
    ordered, reads = sorted(spent), detector()
    return MessagesResult.of(
        {
            "benchmark": "safety messages",
            "n": len(read),
            "authors": authors,
            "danger": {name: shares(read, name, danger=True) for name in DETECTORS},
            "harmless": {name: shares(read, name, danger=False) for name in DETECTORS},
            "milliseconds": {
                "median": ordered[len(ordered) // 2],
                "95 %": ordered[int(0.95 * len(ordered))],
                "longest": ordered[-1],
            },
            "threshold": None if reads is None else reads.threshold,
            "cpus": machine().cpus,
        }
    )


def shares(read: Sequence[Read], name: str, *, danger: bool) -> dict[str, Any]:
    """Of all, of each author's and of each class's messages."""
    meant = [each for each in read if (each.message.level != "none") == danger]
    parts: dict[str, list[Read]] = {"all": meant}
    for each in meant:
        parts.setdefault(f"author {each.message.author}", []).append(each)
    for kind in classes():
        if own := [each for each in meant if each.message.kind == kind]:
            parts[kind] = own
    return {part: _share([DETECTORS[name](e.told) for e in of]) for part, of in parts.items()}


def summary(result: MessagesResult) -> str:
    """The table."""
    lines = []
    for title, by in (("danger: found", result.danger), ("harmless: alarms", result.harmless)):
        lines += [f"{title:28} {'':4} " + " ".join(f"{name:>22}" for name in by)]
        for part in by["both"]:
            cells = " ".join(f"{_said(by[name][part]):>22}" for name in by)
            lines.append(f"{part:28} {by['both'][part].n:4} {cells}")
        lines.append("")
    took = ", ".join(f"{name} {value:.1f}" for name, value in result.milliseconds.items())
    return "\n".join([*lines, f"milliseconds a message: {took} ({result.cpus} CPUs)"])


def _said(share: Share) -> str:
    low, high = share.ci95
    return f"{share.alarms / share.n:.3f} ({low:.3f} to {high:.3f})"


def _share(alarms: Sequence[bool]) -> dict[str, Any]:
    n, found = len(alarms), sum(alarms)
    return {"n": n, "alarms": found, "ci95": stats.wilson(found, n)}


def _urgent() -> set[str]:
    return {flag.name for flag in red_flags().flags if flag.level != "none"}


if __name__ == "__main__":
    sys.exit(cli.run(main))
