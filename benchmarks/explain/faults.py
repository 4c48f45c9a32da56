"""Planted faults: what the self-test, or the receipt under a column, makes of each.

    python -m benchmarks.explain faults

An adapter of zeros, one that is not loaded, one loaded twice (under two names, and twice as
strong), columns swapped (as weights in memory, and as texts on the screen), and a wrong base, all
in the embedded model; and the model unharmed, of which nothing may be found. Exit code 1 if one was
missed.
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from benchmarks.explain import planting
from hera.engine import load_engine
from hera.errors import ModelError
from hera.explain.comparison import Column, Comparison
from hera.explain.receipt import receipt
from hera.explain.selftest import selftest
from hera.explain.tokens import scored
from hera.types import Engine, GenerationParams, Message

ASKED: list[Message] = [
    {"role": "user", "content": "I have a throbbing headache on one side. What should I do?"}
]
_LONGEST = 96


def main(argv: Sequence[str]) -> None:
    """The `faults` part of the command.

    Raises:
        ModelError: a fault was missed, or one found where there is none.
    """
    flags().parse_args(argv)
    wrong = []
    with tempfile.TemporaryDirectory() as folder:
        for name, is_fault, found in tried(Path(folder)):
            if is_fault != bool(found):
                wrong.append(name)
            print(f"{name}: {_says(is_fault, found)}", flush=True)
    if wrong:
        raise ModelError(f"{', '.join(wrong)}: what was found is not what was planted.")


def flags() -> argparse.ArgumentParser:
    """The command's flags: none."""
    return argparse.ArgumentParser(
        prog="python -m benchmarks.explain faults",
        description="Plant faults in the embedded model, and tell which check catches each.",
    )


def tried(folder: Path) -> Iterator[tuple[str, bool, list[str]]]:
    """(name, whether a fault was planted, which checks found one)."""
    engine = load_engine()
    columns = answered(engine)
    yield "unharmed", False, [*found_by(engine), *not_own(engine, columns)]
    own = load_engine(adapters=planting.on_record(_new(folder, "own")))
    yield "unharmed, with what it was trained on", False, found_by(own)
    planted: dict[str, Callable[[], Engine]] = {
        "adapter of zeros": lambda: planting.of_zeros(_new(folder, "zeros")),
        "adapter not loaded": planting.not_loaded,
        "adapter loaded under two names": planting.loaded_twice,
        "adapter twice as strong": planting.scaled_twice,
        "columns swapped, in memory": planting.swapped,
        "wrong base": lambda: planting.on_wrong_base(_new(folder, "wrong")),
    }
    for name, load in planted.items():
        yield name, True, found_by(load())
    yield "columns swapped, on the screen", True, not_own(engine, exchanged(columns))


def found_by(engine: Engine) -> list[str]:
    """The self-test's checks that something fails."""
    return [check.name for check in selftest(engine) if check.passed is False]


def answered(engine: Engine) -> list[Column]:
    """The greedy answers of the base and of the last variant, whose texts differ."""
    names = (engine.variants[0], engine.variants[-1])
    params = GenerationParams(_LONGEST, temperature=0.0)
    begun = Comparison.begun(engine.name, dict.fromkeys(names, ASKED), params)
    step = engine.answer(dict.fromkeys(names, ASKED), params)
    return list(begun.at(step, dict.fromkeys(names, 0.0)).columns)


def exchanged(columns: Sequence[Column]) -> list[Column]:
    """Two columns, each under the other's name."""
    one, other = columns
    return [
        one.model_copy(update={"variant": other.variant}),
        other.model_copy(update={"variant": one.variant}),
    ]


def not_own(engine: Engine, columns: Sequence[Column]) -> list[str]:
    """Of which columns the receipt says that the answer is not theirs."""
    told = [receipt(engine, scored(engine, column), greedy=True) for column in columns]
    return [
        f"{r.variant}'s receipt ({r.likeliest} of {r.scored} tokens are its likeliest)"
        for r in told
        if r.is_own is False
    ]


def _new(folder: Path, name: str) -> Path:
    (folder / name).mkdir()
    return folder / name


def _says(is_fault: bool, found: Sequence[str]) -> str:
    if not found:
        return "MISSED" if is_fault else "nothing is found"
    return f"{'caught' if is_fault else 'WRONGLY FOUND'} by {', '.join(found)}"
