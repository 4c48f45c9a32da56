"""What the Hub says of the models that a Space is to serve, and of the questions that it asks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
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
    """The models that a build may download ahead: neither gated nor private, and no revision asked
    for; where not all of a repository is read, the names of what is follow its id. Data sets cannot
    be named there (huggingface/hub-docs#1536)."""
    closed: tuple[str, ...] = ()
    """What needs a token: gated or private."""


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
    public, closed = [], []
    if asks is not None:
        repo = str(asks.repo)
        datasets.append(repo)
        data = hub.patiently(partial(api.dataset_info, repo, revision=asks.revision), what=repo)
        if data.private or data.gated:
            closed.append(repo)
    for ref in dict.fromkeys(refs):
        repo = str(ref.repo)
        info = hub.patiently(partial(api.model_info, repo, revision=ref.revision), what=str(ref))
        named = info.card_data.get("datasets") if info.card_data else None
        datasets += [named] if isinstance(named, str) else named or []
        if info.private or info.gated:
            closed.append(repo)
        elif ref.revision is None:
            public.append(_ahead(ref, info))
    models = dict.fromkeys(str(ref.repo) for ref in refs)
    return Served(tuple(models), tuple(dict.fromkeys(datasets)), tuple(public), tuple(closed))


def _ahead(ref: Ref, info: Any) -> str:
    """What `preload_from_hub` is to say of a repository."""
    if ref.text != SMOLLM2:
        return str(ref.repo)
    there = {file.rfilename for file in info.siblings or []}
    return f"{ref.repo} {','.join(name for name in smollm2.FILES if name in there)}"
