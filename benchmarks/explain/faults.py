"""Planted faults: what the self-test, or the receipt under a column, makes of each.

    python -m benchmarks.explain faults

An adapter of zeros, one that is not loaded, one loaded twice (under two names, and twice as
strong), columns swapped (as weights in memory, and as answers on the screen), and a wrong base, all
in the embedded model; and the model unharmed, of which nothing may be found. On the screen, the
greedy answers to held-out patients stand under every other variant's name that answers otherwise.
Exit code 1 if a fault was missed, or found where there is none.
"""

from __future__ import annotations

import argparse
import itertools
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.explain import planting
from benchmarks.harness.flags import choose
from hera.data import Dialogue, load_dialogues
from hera.engine import load_engine
from hera.errors import ModelError
from hera.evaluation.provenance import machine
from hera.explain.comparison import Column, Comparison
from hera.explain.receipt import receipt
from hera.explain.selftest import selftest
from hera.explain.tokens import scored
from hera.types import Engine, GenerationParams

_LONGEST = 96


@dataclass(frozen=True)
class Judged:
    """What the receipts say of so many columns: whose answer is not theirs, and of how many that
    cannot be told."""

    columns: int
    not_own: int
    untold: int

    def __str__(self) -> str:
        untold = f", {self.untold} not judged" if self.untold else ""
        return f"the receipts of {self.not_own} of {self.columns} columns{untold}"


def main(argv: Sequence[str]) -> None:
    """The `faults` part of the command.

    Raises:
        ModelError: a fault was missed, or one found where there is none.
    """
    args = flags().parse_args(argv)
    asked = choose(load_dialogues(split="test"), args.questions, args.seed)
    wrong = []
    print("loading the embedded model ...", flush=True)
    with tempfile.TemporaryDirectory() as folder:
        for name, is_fault, found in tried(Path(folder), asked):
            if is_fault != bool(found):
                wrong.append(name)
            print(f"{name}: {_says(is_fault, found)}", flush=True)
    print(
        f"embedded, {len(asked)} held-out questions, greedy answers of at most {_LONGEST} tokens, "
        f"seed {args.seed}, {machine().cpus} CPUs"
    )
    if wrong:
        raise ModelError(f"{', '.join(wrong)}: what was found is not what was planted.")


def flags() -> argparse.ArgumentParser:
    """The command's flags."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.explain faults",
        description="Plant faults in the embedded model, and tell which check catches each.",
    )
    for flag, default, meaning in (
        ("--questions", 12, "a seeded sample of N held-out ones, for the columns on the screen"),
        ("--seed", 42, "of the sample"),
    ):
        parser.add_argument(
            flag, type=int, default=default, metavar="N", help=f"{meaning} ({default})"
        )
    return parser


def tried(folder: Path, asked: Sequence[Dialogue]) -> Iterator[tuple[str, bool, list[str]]]:
    """(name, whether a fault was planted, which checks found one)."""
    engine = load_engine()
    yield "unharmed", False, found_by(engine)
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
    columns = [answered(engine, dialogue) for dialogue in asked]
    true = judged(engine, [column for row in columns for column in row])
    yield f"columns in their places ({true})", False, [str(true)] if true.not_own else []
    false = judged(engine, [column for row in columns for column in exchanged(row)])
    all_found = 0 < false.not_own == false.columns - false.untold
    yield f"columns swapped, on the screen ({false})", True, ["the receipt"] if all_found else []


def found_by(engine: Engine) -> list[str]:
    """The self-test's checks that something fails."""
    return [check.name for check in selftest(engine) if check.passed is False]


def answered(engine: Engine, dialogue: Dialogue) -> list[Column]:
    """Every variant's greedy answer."""
    asked = dict.fromkeys(engine.variants, dialogue.asked())
    params = GenerationParams(_LONGEST, temperature=0.0)
    step = engine.answer(dict(asked), params)
    begun = Comparison.begun(engine.name, asked, params)
    return list(begun.at(step, dict.fromkeys(asked, 0.0)).columns)


def exchanged(columns: Sequence[Column]) -> list[Column]:
    """Every column under the name of each other one that answers otherwise."""
    return [
        one.model_copy(update={"variant": other.variant})
        for one, other in itertools.permutations(columns, 2)
        if (one.text, one.finished) != (other.text, other.finished)
    ]


def judged(engine: Engine, columns: Sequence[Column]) -> Judged:
    """What their receipts say."""
    told = [receipt(engine, scored(engine, column), greedy=True).is_own for column in columns]
    return Judged(len(told), told.count(False), told.count(None))


def _new(folder: Path, name: str) -> Path:
    (folder / name).mkdir()
    return folder / name


def _says(is_fault: bool, found: Sequence[str]) -> str:
    if not found:
        return "MISSED" if is_fault else "nothing is found"
    return f"{'caught' if is_fault else 'WRONGLY FOUND'} by {', '.join(found)}"
