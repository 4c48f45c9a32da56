"""One run of a benchmark, and the folder that keeps what it has scored.

With `--output DIR`, `items.jsonl` there grows by every item as it is scored, so that a run that was
stopped goes on with `--resume` and asks nothing twice. Under `accelerate launch` each process
scores its share of the chunks into a file of its own, and the first one writes the result of all. A
chunk is scored as a whole, always with the same neighbours: that keeps every number the same bit
for bit, however often a run was stopped and among however many processes it was shared.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Generic, TypeVar

from hera.cli import output as folders
from hera.data.reading import HasId
from hera.errors import ConfigError
from hera.evaluation import records, results
from hera.evaluation.provenance import run_facts
from hera.evaluation.records import Item
from hera.evaluation.results import RunFacts
from hera.types import Engine

_IDENTITY = "run.json"


ItemT = TypeVar("ItemT", bound=Item)
AskedT = TypeVar("AskedT", bound=HasId)


def check_output(output: Path | None, resume: bool) -> None:
    """Raises ConfigError before a model is loaded, where `BenchmarkRun` would refuse anyway."""
    if output is None or resume:
        return
    if (output / _IDENTITY).is_file():
        raise ConfigError(
            f"--output {output}: it holds a run. Go on with --resume, or give a new folder."
        )
    folders.check_empty(output)


def header(
    benchmark: str, args: argparse.Namespace, *, split: str | None, n: int, sha256: str, **more: Any
) -> dict[str, Any]:
    """What was asked: the data with their fingerprint, the seed, and what the benchmark adds."""
    data = {"ref": str(args.data), "split": split, "n": n, "sha256": sha256}
    return {"benchmark": benchmark, "data": data, "seed": args.seed, **more}


def identity(args: argparse.Namespace, engine: Engine) -> dict[str, Any]:
    """What decides the numbers besides data and prompt: the weights and how they compute."""
    return {
        "weights": dict(engine.fingerprints),
        "limit": args.limit,
        "dtype": engine.dtype,
        "kept_in": engine.pace.dtype if engine.pace else None,
        "device": engine.device,
    }


class BenchmarkRun(Generic[ItemT]):
    """One run of a benchmark: what it has scored so far, in its folder if it has one."""

    def __init__(
        self, kind: type[ItemT], output: Path | None, identity: Mapping[str, Any], resume: bool
    ) -> None:
        """Take the folder, or take it up again.

        Args:
            kind: what a scored item is.
            output: the folder, or None to keep nothing.
            identity: everything that decides the numbers.
            resume: whether to go on with what the folder holds.

        Raises:
            ConfigError: the folder is taken, or there is none to resume.
        """
        self.began = time.monotonic()
        self.output = output
        self.done: dict[str, ItemT] = {}
        several = _several()
        self.rank: int = several.process_index if several else 0
        self.processes: int = several.num_processes if several else 1
        if output is None:
            if resume:
                raise ConfigError("--resume: give the --output of the run to go on with.")
            return
        mine = output / _IDENTITY
        folders.check(output, folders.read(mine) if mine.is_file() else None, identity, resume)
        if several:
            several.wait_for_everyone()
        if self.rank == 0:
            folders.begin(output, _IDENTITY, identity)
        if several:
            several.wait_for_everyone()
        for path in sorted(output.glob("items*.jsonl")):
            self.done |= _whole_lines(path, kind, repair=path == self._items)

    @property
    def _items(self) -> Path:
        name = "items.jsonl" if self.rank == 0 else f"items-{self.rank}.jsonl"
        return (self.output or Path()) / name

    def collect(
        self,
        chunks: Sequence[Sequence[AskedT]],
        score: Callable[[Sequence[AskedT]], Sequence[ItemT]],
    ) -> bool:
        """Score what is not yet there, with a progress bar on a terminal.

        Args:
            chunks: all items of the run; a chunk is scored, and kept, as a whole.
            score: a chunk's items, scored, with the same ids.

        Returns:
            False if Ctrl-C came before the end; what was scored until then is kept.
        """
        from tqdm import tqdm

        left = [c for c in chunks if not all(item.id in self.done for item in c)]
        mine = left[self.rank :: self.processes]
        quiet = self.rank > 0 or not sys.stderr.isatty()
        with tqdm(total=sum(map(len, mine)), unit="item", disable=quiet) as bar:
            try:
                for chunk in mine:
                    self._add(score(chunk))
                    bar.update(len(chunk))
            except KeyboardInterrupt:
                return False
        self._gather()
        return True

    def _add(self, items: Sequence[ItemT]) -> None:
        self.done |= {item.id: item for item in items}
        if self.output is not None:
            with self._items.open("a", encoding="utf-8") as file:
                file.writelines(
                    json.dumps(item.plain(), ensure_ascii=False, allow_nan=False) + "\n"
                    for item in items
                )

    def _gather(self) -> None:
        if self.processes > 1:
            from accelerate.utils import gather_object

            for item in gather_object(list(self.done.values())):
                self.done.setdefault(item.id, item)

    def items(self, order: Sequence[HasId]) -> list[ItemT]:
        """What is scored by now, in the data's order."""
        return [self.done[item.id] for item in order if item.id in self.done]

    def facts(self, engine: Engine, *, partial: bool) -> dict[str, Any]:
        """What a result says of the run itself: the machine, the weights, the time."""
        return run_facts(engine, self.began, partial=partial)

    def finish(self, result: RunFacts, text: str) -> None:
        """Print the text, write `results.json`, and end a run that was stopped as one.

        Raises:
            KeyboardInterrupt: the result is partial; with how to go on.
        """
        if self.rank > 0:
            return
        if self.output is not None:  # first: whoever reads the text may close the pipe
            records.write(self.output / results.FILE, result)
        print(text)
        if result.partial:
            print("partial: the run was stopped")
        if self.output is not None:
            print(f"results written to {self.output}")
        if result.partial:
            kept = "the same command with --resume goes on" if self.output else "nothing was kept"
            raise KeyboardInterrupt(f"{len(self.done)} items are scored; {kept}.")


def _whole_lines(path: Path, kind: type[ItemT], *, repair: bool) -> dict[str, ItemT]:
    """The items of a file whose last line may be torn: a kill came while it was written.

    Raises:
        ConfigError: a line before the last is no item.
    """
    *lines, torn = path.read_text(encoding="utf-8").split("\n")
    if torn and repair:
        part = path.with_suffix(".part")
        part.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
        part.replace(path)
    try:
        items = [kind.model_validate_json(line) for line in lines]
        return {item.id: item for item in items}
    except ValueError as error:
        raise ConfigError(f"{path}: it holds a line that no benchmark wrote.") from error


def _several() -> Any:
    """accelerate's view of the processes under `accelerate launch`; None if this one is alone."""
    if int(os.environ.get("WORLD_SIZE", "1")) == 1:
        return None
    from accelerate import PartialState

    return PartialState(cpu=os.environ.get("ACCELERATE_USE_CPU", "").lower() in ("1", "true"))
