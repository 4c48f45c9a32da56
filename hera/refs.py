"""What a REF names: "embedded", a local folder or file, or a Hub id with an optional revision."""

from __future__ import annotations

import re
from pathlib import Path

EMBEDDED = "embedded"
EMBEDDED_DIR = Path(__file__).parent / "embedded"

_HUB_ID = re.compile(r"[\w.-]+/[\w.-]+(@[\w./-]+)?")


def local_path(ref: str) -> Path | None:
    """The path that a REF names, or None if it can only be a Hub id.

    What exists is local; what does not exist but looks like a path (absolute, `./`, a file ending,
    more than one slash) is a local path that is missing, so that a typo is not sent to the Hub.
    """
    path = Path(ref).expanduser()
    if path.exists() or not _HUB_ID.fullmatch(ref):
        return path
    looks_local = ref.startswith((".", "/", "~")) or path.suffix in (".json", ".jsonl", ".parquet")
    return path if looks_local else None


def split_revision(ref: str) -> tuple[str, str | None]:
    """("owner/name", revision or None) of a Hub REF."""
    repo, _, revision = ref.partition("@")
    return repo, revision or None
