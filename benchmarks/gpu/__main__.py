"""Whether HERA is right and fast on a GPU, in a few minutes, with no network.

    python -m benchmarks.gpu                              # eight minutes at most
    python -m benchmarks.gpu --minutes 4 --output runs/gpu
    python -m benchmarks.gpu --device cpu --shape tiny    # every part, small: is the script whole?

The embedded model must compute on the device what it computes on the CPU; a model of Gemma-2-2b's
shape with random weights, made on the device, tells how fast answers, scores and training are,
beside plain transformers and beside what the device allows, both measured in the same run. Parts
run in another process, the most important first: one that fails, or takes the process with it, is
reported, and the rest goes on. `--output DIR` gets `results.json` and `gpu.md` after every part.
"""

from __future__ import annotations

import argparse
import json
import queue
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import torch

from benchmarks.gpu.plan import NAMES, SEED, SIZES
from benchmarks.gpu.result import Card, GpuResult, Part, page, table
from hera import cli
from hera.cli import output
from hera.errors import ConfigError
from hera.evaluation import results
from hera.evaluation.provenance import machine

_GRACE = 60.0  # seconds that a part may overrun the time before its process is ended


def main(argv: Sequence[str] | None = None) -> None:
    """The command."""
    args = flags().parse_args(argv)
    device = device_from(args.device)
    if args.output:
        output.check_empty(args.output)
    began = time.monotonic()
    parts: list[Part] = []
    with tempfile.TemporaryDirectory() as scratch:
        for part in supervised(device, args.shape, Path(scratch), args.minutes):
            parts.append(part)
            print(f"{part.name}: {part.status}, {part.seconds:.1f} s", file=sys.stderr, flush=True)
            result = result_of(device, args, parts, time.monotonic() - began)
            if args.output:
                output.begin(args.output, results.FILE, result.plain())
                (args.output / "gpu.md").write_text(page(result), encoding="utf-8")
    print(f"{table(result)}\n\n{result.verdict}")


def flags() -> argparse.ArgumentParser:
    """The command's flags."""
    parser = argparse.ArgumentParser(description="Check HERA on a GPU: is it right, is it fast?")
    parser.add_argument("--minutes", type=float, default=8, metavar="M", help="at most (8)")
    parser.add_argument("--device", choices=("cuda", "cpu"), default="cuda", help="cuda by default")
    parser.add_argument(
        "--shape",
        choices=tuple(SIZES),
        default="gemma-2-2b",
        help="of the random model; 'tiny' measures everything on very little",
    )
    parser.add_argument("--output", type=Path, metavar="DIR", help="a new folder for the results")
    return parser


def device_from(name: str) -> str:
    """The device that was asked for.

    Raises:
        ConfigError: it is not here.
    """
    if name == "cuda" and not torch.cuda.is_available():
        raise ConfigError(
            "--device cuda: torch sees no CUDA device here, so nothing was checked. "
            "`--device cpu --shape tiny` tries whether the script itself runs."
        )
    return name


def result_of(
    device: str, args: argparse.Namespace, parts: Sequence[Part], seconds: float
) -> GpuResult:
    """What was found so far."""
    card = Card(name="CPU")
    if device == "cuda":
        properties = torch.cuda.get_device_properties(0)
        card = Card(
            name=properties.name, memory=properties.total_memory, cuda=str(torch.version.cuda)
        )
    return GpuResult(
        benchmark="gpu",
        card=card,
        shape=args.shape,
        minutes=args.minutes,
        seed=SEED,
        machine=machine(),
        parts=tuple(parts),
        seconds=round(seconds, 1),
        finished=datetime.now(UTC).isoformat(timespec="seconds"),
    )


def supervised(device: str, shape: str, scratch: Path, minutes: float) -> Iterator[Part]:
    """Every part, in order, as soon as it is over; a process that dies is followed by another."""
    until = time.time() + 60 * minutes
    last = until + _GRACE
    left = list(NAMES)
    while left:
        running = left[0]
        if time.time() > last:
            yield Part(name=left.pop(0), status="skipped", seconds=0.0, reason="no time was left")
            continue
        began = time.monotonic()
        for said in lines_of(command(left, device, shape, scratch, until), last):
            if "begins" in said:
                running, began = str(said["begins"]), time.monotonic()
                continue
            part = Part.of(said)
            left.remove(part.name)
            yield part
        if left and running == left[0]:
            left.remove(running)
            seconds = time.monotonic() - began
            status, reason = "failed", "its process ended"
            if time.time() > last:
                status = "skipped"
                reason = f"not whole after {seconds:.0f} s, when the time was over"
            yield Part.of({"name": running, "status": status, "seconds": seconds, "reason": reason})


def command(
    parts: Sequence[str], device: str, shape: str, scratch: Path, until: float
) -> list[str]:
    """What runs some parts."""
    where = ("--device", device, "--shape", shape, "--scratch", str(scratch))
    return [sys.executable, "-m", "benchmarks.gpu.worker", *parts, *where, "--until", str(until)]


def lines_of(arguments: Sequence[str], until: float) -> Iterator[dict[str, Any]]:
    """The JSON lines that a process says, until it ends or, past the time, is ended."""
    with subprocess.Popen(arguments, stdout=subprocess.PIPE, text=True) as process:
        lines: queue.Queue[str | None] = queue.Queue()
        threading.Thread(target=_read, args=(process, lines), daemon=True).start()
        try:
            while (line := lines.get(timeout=max(1.0, until - time.time()))) is not None:
                if line.startswith("{"):
                    yield json.loads(line)
        except queue.Empty:
            print("the time is over: the part at work is ended", file=sys.stderr, flush=True)
        finally:
            process.kill()


def _read(process: subprocess.Popen[str], lines: queue.Queue[str | None]) -> None:
    if process.stdout is not None:
        for line in process.stdout:
            lines.put(line)
    lines.put(None)


if __name__ == "__main__":
    sys.exit(cli.run(main))
