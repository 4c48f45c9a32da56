"""A variant for other programs: one full model, or files for llama.cpp, each tried on it.

    python -m hera.export merge --adapter out/stage2 --output out/merged
    python -m hera.export merge --model google/gemma-2-2b-it --adapter me/hera-stage1 --output DIR
    python app.py --model DIR
    python -m hera.export gguf --adapter out/stage2 --output DIR --quantize q8_0
    python -m hera.export ollama --adapter out/stage2 --output DIR && cd DIR && ollama create hera
    python -m hera.export vllm --adapter out/stage2 --output DIR && DIR/serve.sh

A merge is written in float32, so that the merged model computes what the variant did; `--dtype
bfloat16` takes half the space and rounds them. GGUF is in float32 as well, unless `--quantize` says
otherwise.
"""

from __future__ import annotations

import argparse
import signal
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from hera.cli import run
from hera.cli.flags import add_ref_flag
from hera.refs import EMBEDDED

GGUF_KINDS = ("f32", "f16", "bf16", "q8_0", "q4_0")  # as `hera.weights.gguf.model` has them


def main(argv: Sequence[str] | None = None) -> None:
    """The command."""
    args = flags().parse_args(argv)
    print(args.write(args))


def _merge(args: argparse.Namespace) -> str:
    from hera.export.merge import merge  # torch: not for --help, nor for a flag that is wrong

    return merge(args.model, args.adapter, args.output, args.dtype)


def _gguf(args: argparse.Namespace) -> str:
    from hera.export.gguf import export

    return export(args.model, args.adapter, args.output, args.quantize)


def _ollama(args: argparse.Namespace) -> str:
    from hera.export.ollama import export

    return export(args.model, args.adapter, args.output, args.quantize)


def _vllm(args: argparse.Namespace) -> str:
    from hera.export.vllm import export

    return export(args.model, args.adapter, args.output)


def flags() -> argparse.ArgumentParser:
    """The command's flags."""
    parser = argparse.ArgumentParser(
        prog="python -m hera.export", description="Write a variant for other programs."
    )
    kinds = parser.add_subparsers(dest="kind", required=True)
    merge = _kind(kinds, _merge, "merge", "one full model in safetensors", needs_adapter=True)
    merge.add_argument(
        "--dtype", choices=("float32", "bfloat16"), default="float32", help="of what is written"
    )
    gguf = _kind(kinds, _gguf, "gguf", "base, adapter and both merged for llama.cpp")
    ollama = _kind(kinds, _ollama, "ollama", "the merged model with a Modelfile for Ollama")
    for into in (gguf, ollama):
        into.add_argument(
            "--quantize", choices=GGUF_KINDS, default="f32", help="what weights become"
        )
    _kind(kinds, _vllm, "vllm", "base and adapter with the command that serves them with vLLM")
    return parser


def _kind(
    kinds: Any,
    write: Callable[[argparse.Namespace], str],
    name: str,
    meaning: str,
    *,
    needs_adapter: bool = False,
) -> argparse.ArgumentParser:
    """The flags that every kind of export has."""
    into: argparse.ArgumentParser = kinds.add_parser(name, help=meaning)
    add_ref_flag(into, "--model", "the base: 'embedded', a Hub id, a folder", default=EMBEDDED)
    add_ref_flag(into, "--adapter", "the LoRA adapter", required=needs_adapter)
    into.add_argument("--output", required=True, type=Path, metavar="DIR", help="a new folder")
    into.set_defaults(write=write)
    return into


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # `kill` leaves no more than Ctrl-C
    sys.exit(run(main))
