"""The views that explain a difference, tried where the truth is known.

    python -m benchmarks.explain luck              # of how many twins is it said that they differ?
    python -m benchmarks.explain luck --questions 5 --simulated 50 --output runs/luck
    python -m benchmarks.explain faults            # is each of five planted faults caught?
    python -m benchmarks.explain control           # how much of the effect has any change?
    python -m benchmarks.explain parting           # where do they part, and did one layer do it?
    python -m benchmarks.explain control --model smollm2 --questions 10 --output runs/control

Each part is described in the file of its name, and takes `--help`.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence

from benchmarks.explain import control, faults, luck, parting
from hera.cli import run
from hera.errors import ConfigError

PARTS = {"luck": luck.main, "faults": faults.main, "control": control.main, "parting": parting.main}


def main(argv: Sequence[str] | None = None) -> None:
    """The command.

    Raises:
        ConfigError: its first word is no part of it.
    """
    words = list(sys.argv[1:] if argv is None else argv)
    if words[:1] in (["-h"], ["--help"]):
        print((__doc__ or "").strip())
        return
    if not words or words[0] not in PARTS:
        raise ConfigError(f"python -m benchmarks.explain PART: give one of {', '.join(PARTS)}.")
    PARTS[words[0]](words[1:])


if __name__ == "__main__":
    sys.exit(run(main))
