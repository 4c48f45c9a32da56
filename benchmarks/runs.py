"""What every benchmark's run shares: its flags, and a folder that keeps what was scored.

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
import random
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol, TypeVar

from hera import output as folders
from hera.config import add_model_flags, parse_adapters
from hera.engine import Engine, GenerationParams, load_engine
from hera.environment import facts
from hera.errors import ConfigError, InputError
from hera.refs import EMBEDDED

T = TypeVar("T")
Item = dict[str, Any]
"""One scored item as it is kept: a JSON object with an "id"."""

_IDENTITY, _RESULT = "run.json", "results.json"


class HasId(Protocol):
    """What a benchmark asks about."""

    @property
    def id(self) -> str:
        """Unique in its data."""


Q = TypeVar("Q", bound=HasId)


def parser(
    description: str, data_help: str, data: str | None = EMBEDDED
) -> argparse.ArgumentParser:
    """The flags of every benchmark; `data` is the default of --data."""
    flags = argparse.ArgumentParser(description=description)
    add_model_flags(flags)
    flags.add_argument("--data", default=data, metavar="REF", help=data_help)
    flags.add_argument("--limit", type=int, metavar="N", help="a seeded sample of N items")
    flags.add_argument(
        "--dtype", choices=("auto", "float32", "bfloat16"), default="auto", help="of the weights"
    )
    flags.add_argument("--seed", type=int, default=42, metavar="S", help="of samples and shuffles")
    flags.add_argument("--output", type=Path, metavar="DIR", help="a new folder for the results")
    flags.add_argument("--resume", action="store_true", help="go on with the run in --output")
    return flags


def add_answer_flag(flags: argparse.ArgumentParser, longest: int) -> None:
    """`--max-new-tokens`, for benchmarks that let the variants write."""
    flags.add_argument(
        "--max-new-tokens",
        type=int,
        default=longest,
        metavar="N",
        help=f"of each answer ({longest})",
    )


def greedy(max_new_tokens: int) -> GenerationParams:
    """Greedy decoding, up to so many tokens.

    Raises:
        ConfigError: that many cannot be asked for.
    """
    try:
        return GenerationParams(max_new_tokens=max_new_tokens, temperature=0)
    except InputError as error:
        raise ConfigError(f"--max-new-tokens: {error}") from error


def engine_from(args: argparse.Namespace) -> Engine:
    """The engine that the flags ask for."""
    return load_engine(
        args.model or EMBEDDED,
        parse_adapters(args.adapter) if args.adapter else None,
        dtype=args.dtype,
    )


def check_output(output: Path | None, resume: bool) -> None:
    """Raises ConfigError early, before a model is loaded, where `Run` would refuse anyway."""
    if output is None or resume:
        return
    if (output / _IDENTITY).is_file():
        raise ConfigError(
            f"--output {output}: it holds a run. Go on with --resume, or give a new folder."
        )
    folders.check_empty(output)


def identity(args: argparse.Namespace, engine: Engine) -> dict[str, Any]:
    """What decides the numbers besides data and prompt: the weights and how they compute."""
    weights = dict(engine.fingerprints)
    return {"weights": weights, "limit": args.limit, "dtype": engine.dtype, "device": engine.device}


def choose(items: list[T], limit: int | None, seed: int) -> list[T]:
    """All items, or a seeded sample in a seeded order.

    Raises:
        ConfigError: fewer than one is asked for.
    """
    if limit is None:
        return items
    if limit < 1:
        raise ConfigError(f"--limit {limit}: give at least 1.")
    return random.Random(seed).sample(items, min(limit, len(items)))


class Run:
    """One run of a benchmark: what it has scored so far, in its folder if it has one."""

    def __init__(self, output: Path | None, identity: Mapping[str, Any], resume: bool) -> None:
        """Take the folder, or take it up again.

        Args:
            output: the folder, or None to keep nothing.
            identity: everything that decides the numbers.
            resume: whether to go on with what the folder holds.

        Raises:
            ConfigError: the folder is taken, or there is none to resume.
        """
        self.began = time.monotonic()
        self.output = output
        self.done: dict[str, Item] = {}
        several = _several()
        self.rank, self.processes = (
            (several.process_index, several.num_processes) if several else (0, 1)
        )
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
            self.done |= _whole_lines(path, repair=path == self._items)

    @property
    def _items(self) -> Path:
        name = "items.jsonl" if self.rank == 0 else f"items-{self.rank}.jsonl"
        return (self.output or Path()) / name

    def collect(
        self, chunks: Sequence[Sequence[Q]], score: Callable[[Sequence[Q]], list[Item]]
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

    def _add(self, items: Sequence[Item]) -> None:
        self.done |= {str(item["id"]): item for item in items}
        if self.output is not None:
            with self._items.open("a", encoding="utf-8") as file:
                file.writelines(json.dumps(item, ensure_ascii=False) + "\n" for item in items)

    def _gather(self) -> None:
        if self.processes > 1:
            from accelerate.utils import gather_object

            for item in gather_object(list(self.done.values())):
                self.done.setdefault(str(item["id"]), item)

    def items(self, order: Sequence[HasId]) -> list[Item]:
        """What is scored by now, in the data's order."""
        return [self.done[item.id] for item in order if item.id in self.done]

    def head(self, engine: Engine, *, partial: bool) -> dict[str, Any]:
        """What a result says of the run itself: the machine, the weights, the time."""
        return facts(engine, self.began, partial=partial)

    def finish(self, result: Mapping[str, Any], table: str) -> None:
        """Print the table, write `results.json`, and end a run that was stopped as one.

        Raises:
            KeyboardInterrupt: the result is partial; with how to go on.
        """
        if self.rank > 0:
            return
        if self.output is not None:  # first: whoever reads the table may close the pipe
            folders.write(self.output / _RESULT, result)
        print(table)
        if result["partial"]:
            print("partial: the run was stopped")
        if self.output is not None:
            print(f"results written to {self.output}")
        if result["partial"]:
            kept = "the same command with --resume goes on" if self.output else "nothing was kept"
            raise KeyboardInterrupt(f"{len(self.done)} items are scored; {kept}.")


def _whole_lines(path: Path, *, repair: bool) -> dict[str, Item]:
    """The items of a file whose last line may be torn: a kill came while it was written.

    Raises:
        ConfigError: a line before the last is no item.
    """
    lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
    if lines and not lines[-1].endswith("\n"):
        lines.pop()
        if repair:
            part = path.with_suffix(".part")
            part.write_text("".join(lines), encoding="utf-8")
            part.replace(path)
    try:
        items = [json.loads(line) for line in lines]
        return {str(item["id"]): item for item in items}
    except (ValueError, KeyError, TypeError) as error:
        raise ConfigError(f"{path}: it holds a line that no benchmark wrote.") from error


def _several() -> Any:
    """accelerate's view of the processes under `accelerate launch`; None if this one is alone."""
    if int(os.environ.get("WORLD_SIZE", "1")) == 1:
        return None
    from accelerate import PartialState

    return PartialState(cpu=os.environ.get("ACCELERATE_USE_CPU", "").lower() in ("1", "true"))
