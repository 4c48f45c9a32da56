"""Publish a trained adapter: weights, tokenizer, card, record, curve and results, in one commit.

    python -m hera.push outputs/stage1 --to me/hera-stage1 --dry-run      # the files and the card
    python -m hera.push outputs/stage1 --to me/hera-stage1 --results runs/real --tag v1-stage1

`--results` takes folders that `benchmarks.pubmedqa`, `benchmarks.reads` and `benchmarks.forgot`
wrote with `--output`, measured with exactly these weights: their sha256 must say so. Checkpoints
and optimizer states are never sent, and of a path of this machine in a record only the last part.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from hera import hub
from hera.cli import run
from hera.errors import ConfigError
from hera.push.upload import contents, push, show


def main(argv: Sequence[str] | None = None) -> None:
    """The command."""
    args = flags().parse_args(argv)
    hub.check_id("--to", args.to)
    if args.create_pr and args.tag:
        raise ConfigError("--tag names a commit, and --create-pr makes none before it is merged.")
    if args.dry_run:
        files = contents(args.folder, args.to, args.results)
        hub.check_no_secrets(files)
        print(show(files))
        print(f"dry run: nothing was sent to {args.to}.")
        return
    done = push(
        args.folder,
        args.to,
        results=args.results,
        private=args.private,
        tag=args.tag,
        create_pr=args.create_pr,
    )
    print(done)


def flags() -> argparse.ArgumentParser:
    """The command's flags."""
    parser = argparse.ArgumentParser(
        prog="python -m hera.push", description="Publish an adapter on the Hub."
    )
    parser.add_argument("folder", type=Path, metavar="DIR", help="the adapter's folder")
    parser.add_argument("--to", required=True, metavar="ID", help="OWNER/NAME on the Hub")
    parser.add_argument(
        "--results",
        type=Path,
        action="append",
        default=[],
        metavar="DIR",
        help="a folder that benchmarks.pubmedqa, .reads or .forgot wrote; may be repeated",
    )
    parser.add_argument("--private", action="store_true", help="if it is new, make it private")
    parser.add_argument("--tag", metavar="NAME", help="name this version, as in v1-stage1")
    parser.add_argument(
        "--create-pr", action="store_true", help="propose it to a repository of somebody else"
    )
    parser.add_argument("--dry-run", action="store_true", help="show files and card, send nothing")
    return parser


if __name__ == "__main__":
    sys.exit(run(main))
