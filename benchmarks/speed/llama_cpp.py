"""llama.cpp on the GGUF file that a base was read from: the same prompt, and as many tokens.

Run by `python -m benchmarks.speed compare` in a process of its own, so that neither has the other
beside it: this module as a command prints one line of JSON. It is timed by its own clock.
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import urllib.request
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from hera.cli import run
from hera.errors import ModelError

PACKAGE = "xllamacpp"


def line(file: Path | None, prompt: Sequence[int], tokens: int, repeats: int, threads: int) -> str:
    """What llama.cpp does with the file, or why nothing is said of it.

    Args:
        file: the base's GGUF file, None where it has none.
        prompt: token ids.
        tokens: how many to decode.
        repeats: timed runs, after one that warms up.
        threads: as many as HERA decodes with.
    """
    if file is None:
        return "llama.cpp: not asked, the base was not read from a GGUF file"
    if find_spec(PACKAGE) is None:
        return f"llama.cpp: not installed (pip install {PACKAGE})"
    asked = [str(file), json.dumps(list(prompt)), str(tokens), str(repeats), str(threads)]
    command = [sys.executable, "-m", "benchmarks.speed.llama_cpp", *asked]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        last = done.stderr.strip().splitlines()[-1:] or [f"exit code {done.returncode}"]
        return f"llama.cpp: failed ({last[0]})"
    told = json.loads(done.stdout.splitlines()[-1])
    rates = told["rates"]
    return (
        f"llama.cpp on {file.name} ({file.stat().st_size / 1e9:.2f} GB), base alone, threads "
        f"{threads}: {statistics.median(rates):.1f} tokens/s after the first ({min(rates):.1f} to "
        f"{max(rates):.1f}), the first after {statistics.median(told['firsts']):.3f} s"
    )


def main(argv: Sequence[str]) -> None:
    """The command: rates (tokens a second) and firsts (seconds) of every timed run."""
    parser = argparse.ArgumentParser()
    parser.add_argument("file", type=Path)
    parser.add_argument("prompt", type=json.loads)
    for name in ("tokens", "repeats", "threads"):
        parser.add_argument(name, type=int)
    args = parser.parse_args(argv)
    server = _server(args.file, len(args.prompt) + args.tokens, args.threads)
    answers = [_ask(server, args.prompt, args.tokens) for _ in range(args.repeats + 1)][1:]
    rates = [answer["predicted_per_second"] for answer in answers]
    firsts = [(answer["prompt_ms"] + answer["predicted_per_token_ms"]) / 1e3 for answer in answers]
    print(json.dumps({"rates": rates, "firsts": firsts}), flush=True)


def _server(file: Path, window: int, threads: int) -> Any:
    from xllamacpp import CommonParams, Server

    settings = CommonParams()
    settings.model.path = str(file)
    settings.n_ctx = window + 64
    settings.n_parallel = 1
    settings.cpuparams.n_threads = settings.cpuparams_batch.n_threads = threads
    return Server(settings)


def _ask(server: Any, prompt: Sequence[int], tokens: int) -> dict[str, float]:
    """llama.cpp's own timings of one answer.

    Raises:
        ModelError: it did not decode as many tokens as it was asked for.
    """
    asked = {"prompt": prompt, "n_predict": tokens, "temperature": 0}
    exactly = {"ignore_eos": True, "cache_prompt": False}
    request = urllib.request.Request(
        f"{server.listening_address}/completion",
        json.dumps({**asked, **exactly}).encode(),
        {"Content-Type": "application/json"},
    )
    with urllib.request.urlopen(request) as reply:
        timings: dict[str, float] = json.load(reply)["timings"]
    if timings["predicted_n"] != tokens:
        raise ModelError(f"llama.cpp decoded {timings['predicted_n']} tokens, asked for {tokens}.")
    return timings


if __name__ == "__main__":
    sys.exit(run(lambda: main(sys.argv[1:])))
