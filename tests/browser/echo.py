"""`python app.py`, but every variant answers with what it was asked: what the screens make of a
text, whoever wrote it. It starts in seconds, whatever base its flags name."""

from __future__ import annotations

import runpy
import sys
from collections.abc import Generator, Mapping, Sequence
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from hera.errors import InputError
from hera.types import GenerationParams, Prompt, Step
from tests.doubles.engine import FakeEngine, as_text

NOTE = "Stage2 left out: --adapter stage2=/srv/no<b>*a*_b_`c`: its base /srv/<i> is not here"
REFUSED = "refuse"


class Echo(FakeEngine):
    @property
    def notes(self) -> tuple[str, ...]:
        return (NOTE,)

    def excess(self, prompt: Prompt, room: int, variants: Sequence[str] | None = None) -> int:
        return 0

    def stream(
        self, requests: Mapping[str, Prompt], params: GenerationParams, visitor: str = ""
    ) -> Generator[Step, None, None]:
        for prompt in requests.values():
            if as_text(prompt[-1:]).startswith(REFUSED):
                raise InputError(as_text(prompt[-1:]))
        self.answers_by = {**self.answers_by, **{n: as_text(p[-1:]) for n, p in requests.items()}}
        return super().stream(requests, params, visitor)


def load(*_: Any, **__: Any) -> Echo:
    return Echo({"base": "", "stage1": ""})


if __name__ == "__main__":
    import hera.engine

    vars(hera.engine)["load_engine"] = load
    runpy.run_path("app.py", run_name="__main__")
