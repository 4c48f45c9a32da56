"""`python app.py` whose stage 1 loses its numbers after four tokens of every answer."""

from __future__ import annotations

import runpy
import sys
from pathlib import Path

import torch

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from hera.engine.turns import Group

AFTER = 4  # tokens

choose = Group.choose


def loses(self: Group, scores: torch.Tensor) -> None:
    for place, (one, row) in enumerate(self.rows):
        if one.names[row] == "stage1" and one.place(row) == AFTER:
            scores[place] = torch.nan
    choose(self, scores)


if __name__ == "__main__":
    Group.choose = loses  # type: ignore[method-assign]
    runpy.run_path("app.py", run_name="__main__")
