"""`python app.py` on a machine whose clock goes five hours forth and back, four times a second."""

from __future__ import annotations

import runpy
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

HOURS = (0, 5, -5)

right = time.time


def jumps() -> float:
    return right() + 3600 * HOURS[int(time.monotonic() * 4) % len(HOURS)]


if __name__ == "__main__":
    time.time = jumps
    runpy.run_path("app.py", run_name="__main__")
