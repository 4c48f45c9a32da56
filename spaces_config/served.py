"""What the Hub says of the models that a Space is to serve, and of the questions that it asks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from hera import hub
from hera.refs import SMOLLM2, Ref
from hera.weights import smollm2


@dataclass(frozen=True)
class Served:
    """Hub ids, for the Space's front matter and its secret."""

    models: tuple[str, ...] = ()
    datasets: tuple[str, ...] = ()
    """What the Space asks, and what the models' own cards name."""
    public: tuple[str, ...] = ()
    """The models that a build may download ahead, neither gated nor private: id, the files that are
    read, and the commit. Data sets cannot be named there (huggingface/hub-docs#1536)."""
    closed: tuple[str, ...] = ()
    """What needs a token: gated or private."""
    commits: Mapping[Ref, str] = field(default_factory=dict)
    """By REF, the questions' too: the commit that it means today."""


def look_up(api: Any, refs: Sequence[Ref], asks: Ref | None = None) -> Served:
    """Ask the Hub about every REF, and so find a wrong one before anything is written.

    Args:
        api: from `hera.hub.connect`.
        refs: models and adapters.
        asks: the data set of the questions.

    Raises:
        HubError: one is not there, or this token cannot see it.
    """
    datasets: list[str] = []
    public, closed, commits = [], [], {}
    if asks is not None:
        repo = str(asks.repo)
        datasets.append(repo)
        data = hub.patiently(partial(api.dataset_info, repo, revision=asks.revision), what=repo)
        commits[asks] = str(data.sha)
        if data.private or data.gated:
            closed.append(repo)
    for ref in dict.fromkeys(refs):
        repo = str(ref.repo)
        info = hub.patiently(partial(api.model_info, repo, revision=ref.revision), what=str(ref))
        commits[ref] = str(info.sha)
        named = info.card_data.get("datasets") if info.card_data else None
        datasets += [named] if isinstance(named, str) else named or []
        if info.private or info.gated:
            closed.append(repo)
        else:
            public.append(_ahead(ref, info))
    models = _once([str(ref.repo) for ref in refs])
    return Served(models, _once(datasets), _once(public), _once(closed), commits)


def _ahead(ref: Ref, info: Any) -> str:
    """What `preload_from_hub` is to say of a repository: a commit can be named behind files
    alone."""
    there = [file.rfilename for file in info.siblings or []]
    if ref.text == SMOLLM2:
        names = [name for name in smollm2.FILES if name in there]
    else:
        names = [name for name in there if _can_be_named(name) and _is_within(name, ref.subfolder)]
    return f"{ref.repo} {','.join(names)} {info.sha}"


def _once(names: Sequence[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(names))


def _is_within(file: str, folder: str) -> bool:
    return not folder or file == folder or file.startswith(f"{folder}/")


def _can_be_named(file: str) -> bool:
    return not any(mark in file for mark in ", ") and file != ".gitattributes"
