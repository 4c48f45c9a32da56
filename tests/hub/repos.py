"""What a Hub keeps: repositories, their commits, and large files, which arrive before a commit."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass, field
from fnmatch import fnmatch
from typing import Any

import yaml

LARGE = ("*.safetensors", "*.bin", "*.parquet", "*.gguf", "*.arrow", "*.pt", "tokenizer.json")
FRONT_MATTER = re.compile(r"---\s*\n(.*?)\n---", re.DOTALL)


@dataclass(frozen=True)
class File:
    """One file's content; `large` means that it came by LFS, and is named by its sha256."""

    data: bytes
    large: bool = False

    @property
    def oid(self) -> str:
        return hashlib.sha1(b"blob %d\0" % len(self.data) + self.data).hexdigest()

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.data).hexdigest()

    @property
    def etag(self) -> str:
        return self.sha256 if self.large else self.oid

    def listed(self, path: str) -> dict[str, Any]:
        """Its entry in a tree."""
        entry = {"type": "file", "path": path, "size": len(self.data), "oid": self.oid}
        if self.large:
            entry["lfs"] = {"oid": self.sha256, "size": len(self.data), "pointerSize": 134}
        return entry


def is_large(path: str, size: int) -> bool:
    return size > 0 and any(fnmatch(path.rsplit("/", 1)[-1], pattern) for pattern in LARGE)


@dataclass
class Repo:
    """A repository: its commits by sha, and what branches, tags and pull requests point at."""

    kind: str
    id: str
    private: bool = False
    gated: bool = False
    sdk: str | None = None
    commits: dict[str, dict[str, File]] = field(default_factory=dict)
    log: list[str] = field(default_factory=list)
    refs: dict[str, str] = field(default_factory=dict)
    tags: set[str] = field(default_factory=set)
    accepted: set[str] = field(default_factory=set)
    variables: dict[str, str] = field(default_factory=dict)
    secrets: dict[str, str] = field(default_factory=dict)
    hardware: str | None = None
    requested: str | None = "cpu-basic"
    stages: list[str] = field(default_factory=list)
    next_build: tuple[str, ...] = ("BUILDING", "RUNNING")

    @property
    def owner(self) -> str:
        return self.id.split("/")[0]

    def files(self, revision: str = "main") -> dict[str, bytes]:
        """path -> content at a revision."""
        return {path: file.data for path, file in self.at(revision).items()}

    def at(self, revision: str) -> dict[str, File]:
        return self.commits[self.sha(revision) or ""]

    def sha(self, revision: str) -> str | None:
        name = revision.removeprefix("refs/heads/").removeprefix("refs/tags/")
        return self.refs.get(name) or (name if name in self.commits else None)

    def commit(self, files: dict[str, File], title: str, ref: str = "main") -> str:
        names = sorted((path, file.oid) for path, file in files.items())
        sha = hashlib.sha1(f"{self.id} {len(self.log)} {title} {names}".encode()).hexdigest()
        self.commits[sha], self.refs[ref] = files, sha
        self.log.append(title)
        if self.kind == "space":
            self.stages = list(self.next_build)
        return sha

    def card(self, files: dict[str, File]) -> dict[str, Any]:
        readme = files.get("README.md")
        match = FRONT_MATTER.match(readme.data.decode()) if readme else None
        return dict(yaml.safe_load(match[1]) or {}) if match else {}

    def runtime(self) -> dict[str, Any]:
        """A Space's state; every look at it takes the build a step further."""
        stage = self.stages.pop(0) if len(self.stages) > 1 else (self.stages or ["NO_APP_FILE"])[0]
        if stage == "RUNNING":
            self.hardware = self.requested
        return {
            "stage": stage,
            "hardware": {"current": self.hardware, "requested": self.requested},
            "storage": None,
            "gcTimeout": 172800,
            "sdk": self.sdk,
            "errorMessage": "Exit code: 1" if stage.endswith("ERROR") else None,
        }
