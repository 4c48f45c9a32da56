"""Votes and thumbs that visitors share with whoever runs the app: a private data set on the Hub."""

from __future__ import annotations

import json
import sys
import tempfile
from pathlib import Path
from uuid import uuid4

from hera.errors import one_line
from hera.evaluation.records import Record
from hera.hub import connect, patiently
from hera.ui.thumb import Thumb
from hera.ui.trials import Trial


class Feedback:
    """A data set that gains a line for every vote and thumb that is shared, every five minutes and
    when the app ends. What the Hub refuses meanwhile is said on the terminal, and sent with the
    next.

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
        self._mine = uuid4().hex
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

    def send(self, seconds: float) -> None:
        """Send now what has not been sent yet; what the Hub does not take within so many seconds
        is said on the terminal."""
        try:
            self._scheduler.trigger().result(timeout=seconds)
        except Exception as error:  # the Hub's client raises a dozen types for one dead network
            why = f"no answer within {seconds:.0f} s" if not str(error) else one_line(error)
            print(f"note: {self.repo}: votes were not sent ({why}).", file=sys.stderr, flush=True)

    def stop(self) -> None:
        """Send nothing any more, nor when the process ends."""
        self._scheduler.stop()

    def share(self, trial: Trial) -> None:
        """Write down a vote that its visitor wants to share."""
        self._write("votes", trial)

    def share_thumb(self, thumb: Thumb) -> None:
        """Write down a thumb that its visitor wants to share."""
        self._write("thumbs", thumb)

    def _write(self, kind: str, record: Record) -> None:
        path = Path(self._folder.name) / f"{kind}-{self._mine}.jsonl"
        line = json.dumps(shared(record), ensure_ascii=False)
        with self._scheduler.lock, path.open("a", encoding="utf-8") as file:
            file.write(f"{line}\n")


def feedback_to(repo: str | None) -> Feedback | None:
    """Where votes go; None where the operator named no data set.

    Raises:
        HubError: see `Feedback`.
    """
    return None if repo is None else Feedback(repo)


def shared(record: Record) -> dict[str, object]:
    """What is shared: the record's own fields, and nothing of who said it, from where, or when."""
    return record.model_dump(mode="json", include=set(type(record).model_fields))
