"""`python app.py` on an engine that fails when told to: what the app makes of it. It starts in
seconds. A message that begins with "long" is answered for minutes, "memory" and "disk" fail after
two words, and every scoring fails from the third batch on with HERA_FAILS, a key of FAULTS."""

from __future__ import annotations

import os
import runpy
import sys
import time
from collections.abc import Generator, Mapping, Sequence
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import numpy as np

from hera.types import GenerationParams, Prompt, Step
from tests.doubles.engine import FakeEngine, as_text

FAULTS = {
    "memory": MemoryError(),
    "disk": OSError(28, "No space left on device", "/srv/private/x"),
    "defect": KeyError("/srv/private/y"),
}
SECRET = "canary7f"  # in what a visitor writes


class Failing(FakeEngine):
    batches = 0

    def excess(self, prompt: Prompt, room: int, variants: Sequence[str] | None = None) -> int:
        return 0

    def stream(
        self, requests: Mapping[str, Prompt], params: GenerationParams, visitor: str = ""
    ) -> Generator[Step, None, None]:
        asked = as_text(next(iter(requests.values()))[-1:]).split()
        for n, step in enumerate(super().stream(requests, params, visitor)):
            if n == 2 and asked[0] in FAULTS:
                raise FAULTS[asked[0]]
            if asked[0] == "long":
                time.sleep(0.05)
            yield step

    def label_logprobs(self, *asked: Any, **more: Any) -> np.ndarray:
        self.batches += 1
        if self.batches > 2 and os.environ.get("HERA_FAILS"):
            raise FAULTS[os.environ["HERA_FAILS"]]
        return super().label_logprobs(*asked, **more)


def load(*_: Any, **__: Any) -> Failing:
    words = "Rest helps, and so does water. " * 200
    return Failing(dict.fromkeys(("base", "stage1", "stage2"), words))


if __name__ == "__main__":
    import hera.engine

    vars(hera.engine)["load_engine"] = load
    runpy.run_path("app.py", run_name="__main__")
