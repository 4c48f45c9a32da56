"""Tokens and keys that must never be in the repository: `python -m tests.secret_scan` looks for
them in every text file that git tracks, and with `--history` in all that was ever committed.

What they look like is known to detect-secrets, whose patterns are put to whole files here: its own
scan reads line by line, which took a minute where this takes seconds. Its detectors of names
("password = ...") and of randomness are left out, because the project is full of hashes.
"""

from __future__ import annotations

import argparse
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from detect_secrets.core.plugins.util import get_mapping_from_secret_type_to_class
from detect_secrets.plugins.base import RegexBasedDetector

from hera.hub import HUB_TOKEN
from tests.serving import ROOT

# They match any number, or look for names of services that nobody here uses, slowly.
_LEFT_OUT = ("Public IP", "Softlayer", "Cloudant", "IBM Cloud IAM", "IBM COS HMAC")
_INVENTED = re.compile(r"://me:secret@")
"""What tests write on purpose; nothing else may look like it."""


def kinds() -> dict[str, list[re.Pattern[str]]]:
    """What a secret is called -> the patterns of it."""
    classes: dict[str, Any] = get_mapping_from_secret_type_to_class()
    known = {
        name: list(made().denylist)
        for name, made in classes.items()
        if issubclass(made, RegexBasedDetector) and not name.startswith(_LEFT_OUT)
    }
    return {**known, "Hugging Face token": [re.compile(HUB_TOKEN)]}


def found(text: str, patterns: dict[str, list[re.Pattern[str]]]) -> Iterator[tuple[int, str]]:
    """The line of every secret in a text, and its kind: never itself."""
    for name, each in patterns.items():
        for pattern in each:
            for match in pattern.finditer(text):
                if not _INVENTED.search(match[0]):
                    yield text.count("\n", 0, match.start()) + 1, name


def tracked() -> Iterator[str]:
    """Every secret in a text file that git tracks, as "FILE:LINE: KIND"."""
    patterns = kinds()
    for name in git("grep", "-Il", "--cached", "").splitlines():
        file = ROOT / name
        text = file.read_text(encoding="utf-8", errors="replace") if file.is_file() else ""
        yield from (f"{name}:{line}: {kind}" for line, kind in found(text, patterns))


def committed() -> Iterator[str]:
    """The same of every line that a commit ever added."""
    patterns = kinds()
    for commit in git("log", "-p", "--all", "--format=%x00%h").split("\0")[1:]:
        sha = commit.partition("\n")[0]
        yield from sorted({f"{sha}: {kind}" for _, kind in found(commit, patterns)})


def git(*words: str, folder: Path | None = None) -> str:
    """What git says, in the checkout if nothing else is named."""
    done = subprocess.run(["git", *words], cwd=folder or ROOT, capture_output=True, check=True)
    return done.stdout.decode("utf-8", "replace")


def main() -> int:
    """The command; see --help."""
    parser = argparse.ArgumentParser(
        prog="python -m tests.secret_scan",
        description="Look for tokens and keys in the repository.",
    )
    parser.add_argument("--history", action="store_true", help="in all that was ever committed")
    secrets = list(committed() if parser.parse_args().history else tracked())
    for one in secrets:
        print(one)
    print(f"{len(secrets)} secrets.")
    return 1 if secrets else 0


if __name__ == "__main__":
    sys.exit(main())
