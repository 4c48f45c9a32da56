"""What a question of PubMedQA costs, however many are asked.

    python -m benchmarks.speed questions

`python -m benchmarks.pubmedqa` in a process of its own for each number of questions, as a user runs
it, statistics and results.json included. Where there are fewer questions than asked for, they are
asked again under other ids. Seconds are the run's own, without loading; memory is the most that the
process had in RAM, libraries and weights included.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from benchmarks.speed.train import hub_row
from hera.cli.flags import add_ref_flag
from hera.data import Question, load_pubmedqa
from hera.errors import ConfigError, ModelError
from hera.evaluation import records, results
from hera.evaluation.provenance import machine
from hera.evaluation.results import PubmedqaResult
from hera.refs import EMBEDDED

COUNTS = (100, 1000, 10_000)
_MIB, _KIB = 2**20, 2**10


@dataclass(frozen=True)
class Cost:
    """What so many questions took."""

    questions: int
    seconds: float
    peak: int
    """Bytes in RAM at the most."""
    file: int
    """Bytes of results.json."""

    @property
    def each(self) -> float:
        """Seconds a question."""
        return self.seconds / self.questions


def main(argv: Sequence[str]) -> None:
    """The `questions` part of the command."""
    args = flags().parse_args(argv)
    counts = sorted(set(args.counts))
    if len(counts) < 2 or counts[0] < 1:
        raise ConfigError("--counts: give two different numbers at least, each 1 or more.")
    known = load_pubmedqa(args.data)
    how = ["--model", str(args.model), "--dtype", args.dtype]
    costs: list[Cost] = []
    with tempfile.TemporaryDirectory() as scratch:
        for count in counts:
            rows = write_rows(Path(scratch) / f"{count}.jsonl", known, count, args.seed)
            costs.append(cost(rows, count, how))
            print(cost_line(costs[-1], costs[0]), flush=True)
    print(limit_line(costs, memory()))
    print(f"{args.model}, {args.data}, seed {args.seed}, {args.dtype}, {machine().cpus} CPUs")


def flags() -> argparse.ArgumentParser:
    """The command's flags."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.speed questions")
    add_ref_flag(parser, "--model", "embedded or smollm2, with its adapters", default=EMBEDDED)
    add_ref_flag(parser, "--data", "PubMedQA questions", default=EMBEDDED)
    parser.add_argument(
        "--counts", type=int, nargs="+", default=COUNTS, metavar="N", help="(100 1000 10000)"
    )
    parser.add_argument("--dtype", choices=("auto", "float32", "bfloat16"), default="auto")
    parser.add_argument("--seed", type=int, default=42, metavar="S", help="of the questions drawn")
    return parser


def write_rows(path: Path, known: Sequence[Question], count: int, seed: int) -> Path:
    """So many questions, drawn with replacement so that short and long ones keep their shares."""
    drawn = random.Random(seed).choices(known, k=count)
    asked = (replace(question, id=f"{i}") for i, question in enumerate(drawn))
    path.write_text("".join(json.dumps(hub_row(q)) + "\n" for q in asked), encoding="utf-8")
    return path


def cost(rows: Path, count: int, flags: Sequence[str]) -> Cost:
    """Ask them in a process of its own.

    Raises:
        ModelError: it failed, with its last line.
    """
    out = rows.with_suffix("")
    command = [sys.executable, "-m", "benchmarks.pubmedqa", *flags, "--data", str(rows)]
    with rows.with_suffix(".log").open("w+", encoding="utf-8") as log:
        child = subprocess.Popen([*command, "--output", str(out)], stdout=log, stderr=log)
        _, status, usage = os.wait4(child.pid, 0)
        child.returncode = os.waitstatus_to_exitcode(status)
        log.seek(0)
        said = log.read().strip().splitlines()
    if child.returncode:
        raise ModelError(f"{count} questions: {said[-1] if said else child.returncode}")
    file = out / results.FILE
    result = records.read(file, PubmedqaResult)
    peak = usage.ru_maxrss * (1 if sys.platform == "darwin" else _KIB)
    return Cost(count, result.seconds, peak, file.stat().st_size)


def cost_line(this: Cost, first: Cost) -> str:
    """One number of questions, and its seconds a question by ratio to the first's."""
    return (
        f"{this.questions:6} questions: {this.seconds:8.1f} s, {1000 * this.each:6.1f} ms each "
        f"(ratio {this.each / first.each:.3f}), {this.peak / _MIB:6.0f} MiB at the most, "
        f"results.json {this.file / _MIB:.2f} MiB"
    )


def memory() -> int:
    """Bytes of RAM of this machine."""
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")


def limit_line(costs: Sequence[Cost], room: int) -> str:
    """What a further question takes in memory, and how many would fill the machine's."""
    first, last = costs[0], costs[-1]
    slope = (last.peak - first.peak) / (last.questions - first.questions)
    each = f"a further question takes {slope / _KIB:.1f} KiB"
    if slope <= 0:
        return f"{each}: not seen to grow"
    most = last.questions + (room - last.peak) / slope
    return f"{each}; about {most:,.0f} would fill this machine's {room / 2**30:.0f} GiB"
