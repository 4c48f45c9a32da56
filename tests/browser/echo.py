"""`python app.py`, but every variant answers with what it was asked, and the PubMedQA tab asks odd
questions: what the screens make of a text, whoever wrote it."""

from __future__ import annotations

import runpy
import sys
from collections.abc import Generator, Mapping, Sequence
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from hera.data import Question
from hera.errors import InputError
from hera.types import GenerationParams, Prompt, Step
from tests.doubles.engine import FakeEngine, as_text

QUESTIONS = (
    'Is <b>a</b> < b & c &lt; *d* <img src="http://example.org/a.png" onerror="x()"> $x$ `e`?',
    "هل الربو مرض في الرئتين؟",
)
NOTE = "Stage2 left out: --adapter stage2=/srv/no<b>*a*_b_`c`: its base /srv/<i> is not here"
REFUSED = "refuse"


class Echo(FakeEngine):
    @property
    def notes(self) -> tuple[str, ...]:
        return (NOTE,)

    def excess(self, prompt: Prompt, room: int, variants: Sequence[str] | None = None) -> int:
        return 0

    def stream(
        self, requests: Mapping[str, Prompt], params: GenerationParams
    ) -> Generator[Step, None, None]:
        for prompt in requests.values():
            if as_text(prompt[-1:]).startswith(REFUSED):
                raise InputError(as_text(prompt[-1:]))
        self.answers_by = {**self.answers_by, **{n: as_text(p[-1:]) for n, p in requests.items()}}
        return super().stream(requests, params)


def question(text: str) -> Question:
    return Question(str(QUESTIONS.index(text)), text, (text,), text, "yes")


def load(*_: Any, **__: Any) -> Echo:
    return Echo({"base": "", "stage1": ""})


if __name__ == "__main__":
    import hera.engine
    import hera.ui.measuring

    vars(hera.engine)["load_engine"] = load
    vars(hera.ui.measuring)["load_pubmedqa"] = lambda: [question(text) for text in QUESTIONS]
    runpy.run_path("app.py", run_name="__main__")
