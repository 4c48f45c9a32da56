"""Votes that visitors share with whoever runs the app: a private data set on the Hub."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from uuid import uuid4

from hera.hub import connect, patiently
from hera.ui.trials import Trial


class Feedback:
    """A data set that gains a line a shared vote, every five minutes and when the app ends. What
    the Hub refuses meanwhile is said on the terminal, and sent with the next.

    Args:
        repo: OWNER/NAME; it is made, private, where there is none.

    Raises:
        HubError: there is no token, or it may not write there.
    """

    def __init__(self, repo: str) -> None:
        from huggingface_hub import CommitScheduler

        self.repo = repo
        self._folder = tempfile.TemporaryDirectory(prefix="hera-votes-")
        # Of this process alone: another one's file, or an earlier one's, is not written over.
        self._file = Path(self._folder.name) / f"votes-{uuid4().hex}.jsonl"
        api = connect()
        self._scheduler = patiently(
            lambda: CommitScheduler(
                repo_id=repo,
                repo_type="dataset",
                folder_path=self._folder.name,
                private=True,
                hf_api=api,
            ),
            what=repo,
        )

    def share(self, trial: Trial) -> None:
        """Write down a vote that its visitor wants to share."""
        line = json.dumps(shared(trial), ensure_ascii=False)
        with self._scheduler.lock, self._file.open("a", encoding="utf-8") as file:
            file.write(f"{line}\n")


def feedback_to(repo: str | None) -> Feedback | None:
    """Where votes go; None where the operator named no data set.

    Raises:
        HubError: see `Feedback`.
    """
    return None if repo is None else Feedback(repo)


def shared(trial: Trial) -> dict[str, object]:
    """What is shared of a vote: the trial, and nothing of who voted, from where, or when."""
    return trial.model_dump(mode="json", include=set(type(trial).model_fields))
