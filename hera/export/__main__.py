"""A base and an adapter as one full model, for programs that take no adapters.

    python -m hera.export merge --adapter out/stage2 --output out/merged
    python -m hera.export merge --model google/gemma-2-2b-it --adapter me/hera-stage1 --output DIR
    python app.py --model DIR

The weights are written in float32, so that the merged model computes what the variant did;
`--dtype bfloat16` takes half the space and rounds them.
"""

from __future__ import annotations

import argparse
import signal
import sys
from collections.abc import Sequence
from pathlib import Path

from hera.cli import run
from hera.cli.flags import add_ref_flag
from hera.refs import EMBEDDED


def main(argv: Sequence[str] | None = None) -> None:
    """The command."""
    args = flags().parse_args(argv)
    from hera.export.merge import merge  # torch: not for --help, nor for a flag that is wrong

    print(merge(args.model, args.adapter, args.output, args.dtype))


def flags() -> argparse.ArgumentParser:
    """The command's flags."""
    parser = argparse.ArgumentParser(
        prog="python -m hera.export", description="Write a variant for other programs."
    )
    kinds = parser.add_subparsers(dest="kind", required=True)
    into = kinds.add_parser("merge", help="one full model in safetensors")
    add_ref_flag(into, "--model", "the base: 'embedded', a Hub id, a folder", default=EMBEDDED)
    add_ref_flag(into, "--adapter", "the LoRA adapter", required=True)
    into.add_argument("--output", required=True, type=Path, metavar="DIR", help="a new folder")
    into.add_argument(
        "--dtype", choices=("float32", "bfloat16"), default="float32", help="of what is written"
    )
    return parser


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # `kill` leaves no more than Ctrl-C
    sys.exit(run(main))
