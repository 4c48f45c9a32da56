"""One process that runs parts of the check, and says on stdout, a JSON object a line, which it
begins and what it found. Whoever started it goes on with the rest if it dies.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path

import torch

from benchmarks.gpu.bench import Bench
from benchmarks.gpu.parts import MEASURES, run_part
from benchmarks.gpu.plan import PLAN, SIZES
from hera.cli import run

BROKEN = 3
"""The exit code of a process whose device answers no more."""


def main(argv: Sequence[str] | None = None) -> None:
    """Run the named parts in order."""
    args = flags().parse_args(argv)
    bench = Bench(args.device, args.shape, args.scratch, args.until)
    for planned in PLAN:
        if planned.name not in args.parts:
            continue
        say({"begins": planned.name})
        part = run_part(bench, planned, MEASURES[planned.name])
        say(part.plain())
        if part.status == "failed" and not answers(bench):
            sys.exit(BROKEN)


def flags() -> argparse.ArgumentParser:
    """The command's flags; `benchmarks.gpu` gives them."""
    parser = argparse.ArgumentParser()
    parser.add_argument("parts", nargs="+")
    parser.add_argument("--device", choices=("cuda", "cpu"), required=True)
    parser.add_argument("--shape", choices=tuple(SIZES), required=True)
    parser.add_argument("--scratch", type=Path, required=True)
    parser.add_argument("--until", type=float, required=True)
    return parser


def say(content: dict[str, object]) -> None:
    """A line for whoever reads along."""
    print(json.dumps(content), flush=True)


def answers(bench: Bench) -> bool:
    """Whether the device still does: after some errors every later call fails as well."""
    try:
        torch.ones(1, device=bench.device).item()
    except RuntimeError:
        return False
    return True


if __name__ == "__main__":
    sys.exit(run(main))
