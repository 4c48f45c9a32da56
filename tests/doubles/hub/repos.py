"""What the double stores: repositories of a git kind, in memory."""

from __future__ import annotations

import fnmatch
import hashlib
import itertools
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path

KINDS = ("model", "dataset", "space")
# What the .gitattributes that the Hub gives a new repository send to LFS, as far as we use it.
LFS_PATTERNS = ("*.safetensors", "*.parquet", "*.bin", "*.pt", "*.zip", "*.gz", "tokenizer.json")
LFS_SIZE = 10 * 1024 * 1024  # bytes; above it everything goes to LFS
GIT_ATTRIBUTES = "".join(f"{p} filter=lfs diff=lfs merge=lfs -text\n" for p in LFS_PATTERNS)

Files = Mapping[str, bytes | str] | Path


@dataclass(frozen=True)
class File:
    data: bytes
    lfs: bool

    @cached_property
    def blob(self) -> str:
        """Git's object id."""
        return hashlib.sha1(b"blob %d\0" % len(self.data) + self.data).hexdigest()

    @cached_property
    def sha256(self) -> str:
        return hashlib.sha256(self.data).hexdigest()

    @property
    def etag(self) -> str:
        return self.sha256 if self.lfs else self.blob


@dataclass(frozen=True)
class Commit:
    sha: str
    title: str
    files: dict[str, File]
    parent: str | None
    date: str


@dataclass
class Repo:
    kind: str
    id: str
    private: bool = False
    gated: bool = False
    commits: dict[str, Commit] = field(default_factory=dict)
    branches: dict[str, str] = field(default_factory=dict)
    tags: dict[str, str] = field(default_factory=dict)
    pulls: dict[str, str] = field(default_factory=dict)  # "refs/pr/1": sha
    accepted: set[str] = field(default_factory=set)  # users who accepted a gated model's licence

    @property
    def owner(self) -> str:
        return self.id.split("/")[0]

    @property
    def refs(self) -> dict[str, str]:
        """Branches, tags and pull requests: name -> sha."""
        return {**self.branches, **self.tags, **self.pulls}

    @property
    def log(self) -> list[str]:
        """The titles of main's commits, newest last."""
        return [commit.title for commit in reversed(self.history("main"))]

    def files(self, revision: str = "main") -> dict[str, bytes]:
        return {path: file.data for path, file in self.at(revision).files.items()}

    def at(self, revision: str) -> Commit:
        """The commit of a branch, tag, pull request or (short) sha. KeyError if there is none."""
        name = revision.removeprefix("refs/heads/").removeprefix("refs/tags/")
        if name in self.refs:
            return self.commits[self.refs[name]]
        for sha, commit in self.commits.items():
            if len(revision) >= 7 and sha.startswith(revision):
                return commit
        raise KeyError(revision)

    def history(self, revision: str) -> list[Commit]:
        """A revision's commits, newest first."""
        found = [self.at(revision)]
        while (parent := found[-1].parent) is not None:
            found.append(self.commits[parent])
        return found

    def commit(self, files: Mapping[str, File], title: str, branch: str = "main") -> Commit:
        """Put a commit on top of a branch or an open pull request ("refs/pr/N")."""
        pull = branch.startswith("refs/pr/")
        place = self.pulls if pull else self.branches
        parent = place.get(branch)
        content = sorted((path, file.blob) for path, file in files.items())
        sha = hashlib.sha1(repr((self.id, len(self.commits), title, content)).encode()).hexdigest()
        date = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S.000Z")
        self.commits[sha] = Commit(sha, title, dict(files), parent, date)
        place[branch] = sha
        if branch == "main":
            self.changed()
        return self.commits[sha]

    def open_pull(self, branch: str) -> str:
        """A new pull request that starts at `branch`: its ref."""
        ref = next(r for n in itertools.count(1) if (r := f"refs/pr/{n}") not in self.pulls)
        self.pulls[ref] = self.at(branch).sha
        return ref

    def changed(self) -> None:
        """Called after every commit on main."""


def goes_to_lfs(path: str, data_or_size: bytes | int, sample: bytes = b"") -> bool:
    """Whether the Hub wants this file through LFS: by name, by size, or because it is binary."""
    if isinstance(data_or_size, bytes):
        size, sample = len(data_or_size), data_or_size[:512]
    else:
        size = data_or_size
    named = any(fnmatch.fnmatch(path.rsplit("/", 1)[-1], pattern) for pattern in LFS_PATTERNS)
    return size > 0 and (named or size > LFS_SIZE or b"\0" in sample)


def stored(files: Files) -> dict[str, File]:
    """A folder, or path -> content, as the Hub stores it."""
    if isinstance(files, Path):
        found = sorted(path for path in files.rglob("*") if path.is_file())
        files = {path.relative_to(files).as_posix(): path.read_bytes() for path in found}
    plain = {p: d.encode() if isinstance(d, str) else d for p, d in files.items()}
    return {path: File(data, goes_to_lfs(path, data)) for path, data in plain.items()}
