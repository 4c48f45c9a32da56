"""Publish the metric as a Space on the Hub: see `benchmarks.metrics`."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from benchmarks.metrics import FOLDER
from hera import hub
from hera.cli import run
from hera.errors import ConfigError

FILES = ("README.md", "app.py", "pubmedqa.py", "requirements.txt")


def push(space: str) -> str:
    """Create the Space if it is not there, and bring its files up to date in one commit.

    Args:
        space: OWNER/pubmedqa.

    Returns:
        What to say: where it is, or that nothing differed.

    Raises:
        ConfigError: the Space has another name.
        HubError: the Hub refuses or cannot be reached; the Space is then as it was.
    """
    check_space(space)
    api = hub.connect()
    hub.owner(api, space)
    hub.patiently(
        lambda: api.create_repo(space, repo_type="space", space_sdk="gradio", exist_ok=True),
        what=space,
    )
    done = hub.commit(api, space, contents(), kind="space", message="PubMedQA's metric")
    where = f"{api.endpoint}/spaces/{space}"
    return f"published: {done} ({where})" if done else f"nothing differs from {where}"


def check_space(space: str) -> None:
    """Raises ConfigError if `evaluate.load(space)` would not find the module there."""
    name = space.rpartition("/")[2]
    if name != FOLDER.name:
        raise ConfigError(
            f'--space {space}: evaluate.load("{space}") would look for {name}.py in it, and the '
            f"module is {FOLDER.name}.py. Give OWNER/{FOLDER.name}."
        )


def contents() -> dict[str, Path | bytes]:
    """What a push sends: path in the Space -> file."""
    return {name: FOLDER / name for name in FILES}


def main(argv: Sequence[str] | None = None) -> None:
    """The command."""
    args = flags().parse_args(argv)
    if not args.dry_run:
        print(push(args.space))
        return
    check_space(args.space)
    for name in FILES:
        print(f"{(FOLDER / name).stat().st_size:>13,} bytes  {name}")
    print(f"dry run: nothing was sent to {args.space}.")


def flags() -> argparse.ArgumentParser:
    """The command's flags."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.metrics", description="Publish PubMedQA's metric as a Space."
    )
    parser.add_argument("--space", required=True, metavar="ID", help="OWNER/pubmedqa on the Hub")
    parser.add_argument("--dry-run", action="store_true", help="list the files, send nothing")
    return parser


if __name__ == "__main__":
    sys.exit(run(main))
