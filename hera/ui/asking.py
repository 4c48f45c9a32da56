"""What the PubMedQA tab asks, and where it is from: invented questions, PubMedQA's own, a file.

Local questions are read when the app starts. Those on the Hub are fetched once somebody needs them,
in a thread of their own, and kept as long as the app runs.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from hera.data import Question, load_pubmedqa, official_part, official_test
from hera.errors import DataError, HeraError, one_line
from hera.evaluation import results
from hera.refs import EMBEDDED, PUBMEDQA, Ref
from hera.ui.words import WORDS

MOST = 500
"""How many questions one run may ask."""

RETRY = 60.0
"""Seconds until what could not be fetched is tried again."""

PATIENCE = 180.0
"""Seconds that a visitor waits for them."""


@dataclass(frozen=True)
class Asked:
    """Questions that can be asked, and what is known of them.

    `ref` is what results call them: of a file its name alone. `own`: a visitor's file. `missed`:
    why these are asked in place of PubMedQA's, or "".
    """

    ref: Ref
    questions: tuple[Question, ...]
    official: bool
    own: bool = False
    missed: str = ""

    @classmethod
    def of(
        cls, ref: Ref, questions: Sequence[Question], *, own: bool = False, missed: str = ""
    ) -> Asked:
        """Of questions that hold the official test split its 500, of others all."""
        test = official_part(questions)
        official = len(test) == len(official_test())
        chosen = tuple(test if official else questions)
        shown = ref if ref.is_embedded or ref.path is None else file_ref(ref.path)
        return cls(shown, chosen, official, own=own, missed=missed)

    @property
    def most(self) -> int:
        """How many of them one run may ask."""
        return min(MOST, len(self.questions))

    @property
    def split(self) -> str:
        """As results call it."""
        return results.OFFICIAL if self.official else results.WHOLE

    @property
    def published(self) -> bool:
        """Whether somebody published them as questions of this kind, for which a person's score is
        known: not the invented ones, nor what a visitor brought."""
        return not self.ref.is_embedded and not self.own

    @property
    def name(self) -> str:
        """What headings and pictures call them."""
        words = WORDS.asking
        if self.ref.is_embedded:
            return words.name_invented
        ref = (words.name_own if self.own else words.name_other).format(ref=self.ref)
        return words.name_official.format(ref=ref) if self.official else ref


class Asking:
    """What visitors are asked who bring no file of their own.

    Args:
        base: the base that is served.
        chosen: what the flags say; None for the invented questions beside the embedded base, and
            PubMedQA's beside any other. PubMedQA's at a revision, which a deployment names, count
            as not chosen: where they cannot be had, the invented ones are asked as well.

    Raises:
        DataError: a local file that was chosen cannot be read.
    """

    def __init__(self, base: Ref, chosen: Ref | None) -> None:
        self._chosen = chosen is not None and not _is_default(chosen)
        self._ref = chosen or (Ref.of(EMBEDDED) if base.is_embedded else Ref.of(PUBMEDQA, ""))
        self._asked: Asked | None = None
        self._error = ""
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None
        self._next = 0.0  # when to fetch (again), on the monotonic clock
        if self._ref.path is not None:
            self._keep(Asked.of(self._ref, load_pubmedqa(self._ref)))

    @property
    def ref(self) -> Ref:
        """What is to be asked, whether or not it can be had."""
        return self._ref

    @property
    def error(self) -> str:
        """Why there are no questions, or ""."""
        return "" if self._asked else self._error

    @property
    def state(self) -> Literal["fetching", "ready", "failed"]:
        """Where the fetching stands; "fetching" also before it has begun."""
        if self._asked is not None:
            return "ready"
        return "failed" if self._error and self._thread is None else "fetching"

    def start(self) -> None:
        """Begin to fetch, unless that was done, is being done, or failed a moment ago."""
        with self._lock:
            if self._thread is None and time.monotonic() >= self._next:
                self._thread = threading.Thread(target=self._fetch, name="questions", daemon=True)
                self._thread.start()

    def now(self) -> Asked:
        """The questions; waits for them where they are being fetched.

        Raises:
            DataError: they cannot be had, or are not there after three minutes.
        """
        self.start()
        thread = self._thread
        if self._asked is None and thread is not None:
            thread.join(PATIENCE)
        if self._asked is None:
            raise DataError(self._error or WORDS.errors.still_fetching)
        return self._asked

    def _fetch(self) -> None:
        # The page says what it waits for; a dead network would fill the terminal.
        logging.getLogger("huggingface_hub.utils._http").setLevel(logging.ERROR)
        try:
            self._keep(Asked.of(self._ref, load_pubmedqa(self._ref)))
        except HeraError as error:
            self._fail(str(error))
        except Exception as error:  # whatever a library raises, the page must say it and stay up
            self._fail(f"{self._ref.says}: cannot be read ({one_line(error)}).")
        self._thread = None

    def _keep(self, asked: Asked) -> None:
        self._asked, self._next = asked, float("inf")

    def _fail(self, error: str) -> None:
        if error != self._error:
            print(f"note: {error}", flush=True)
        self._error, self._next = error, time.monotonic() + RETRY
        if not self._chosen:
            invented = Ref.of(EMBEDDED)
            self._asked = Asked.of(invented, load_pubmedqa(invented), missed=error)


def _is_default(chosen: Ref) -> bool:
    return chosen.revision is not None and chosen.same_as(Ref.on_hub(PUBMEDQA, ""))


def file_ref(path: Path) -> Ref:
    """A file's REF without its folders: visitors see it. "embedded" means the invented questions,
    not a file that is called so."""
    name = " ".join(path.name.split())
    return Ref(f"./{name}" if name == EMBEDDED else name, "", path=path)
