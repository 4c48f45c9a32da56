"""The output folder of a run: never overwritten, whole or resumable at every moment.

`run.json` says whose run it is, `checkpoints/` holds what a resume needs, and the adapter with
`training.json`, written last, is the finished run. A checkpoint counts from the moment its
`trainer_state.json`, the last file that transformers writes into it, can be read; two are kept, so
that a kill in the middle of one never loses the one before.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from hera.cli import check_new_folder
from hera.errors import ConfigError

IDENTITY, RECORD, CHECKPOINTS = "run.json", "training.json", "checkpoints"


def check(output: Path, identity: Mapping[str, Any], resume: bool) -> None:
    """Whether this run may write to `output`; an empty folder may be resumed from its beginning.

    Raises:
        ConfigError: the folder holds something else, another run, or (without `resume`) this one.
    """
    mine = _identity(output)
    if mine is None:
        check_empty(output)
        return
    difference = first_difference(mine, identity)
    if difference:
        raise ConfigError(
            f"--output {output}: it holds another run ({difference}). Choose another folder."
        )
    if not resume:
        raise ConfigError(
            f"--output {output}: it holds this very run. Go on with --resume, or choose another "
            "folder."
        )


def check_empty(output: Path) -> None:
    """Raises ConfigError if something is there, but for what a kill leaves of a file."""
    if not output.is_dir() or _contents(output):
        check_new_folder(output)


def _identity(output: Path) -> dict[str, Any] | None:
    """Whose run the folder holds; a finished one says it in its record."""
    if (output / IDENTITY).is_file():
        return read(output / IDENTITY)
    if (output / RECORD).is_file():
        return dict(read(output / RECORD)["arguments"])
    return None


def _contents(output: Path) -> list[Path]:
    return [path for path in output.iterdir() if path.suffix != ".part"]  # a kill leaves these


def begin(output: Path, identity: Mapping[str, Any]) -> None:
    """Write down whose run the folder is.

    Raises:
        ConfigError: nothing can be written there.
    """
    try:
        output.mkdir(parents=True, exist_ok=True)
        write(output / IDENTITY, identity)
    except OSError as error:
        raise ConfigError(f"--output {output}: cannot be written ({error.strerror}).") from error


def finished(output: Path) -> bool:
    """Whether the run is complete."""
    return (output / RECORD).is_file()


def last_checkpoint(output: Path) -> Path | None:
    """The newest whole checkpoint; one that was being written is left for its step to rewrite."""
    whole: list[tuple[int, Path]] = []
    for folder in (output / CHECKPOINTS).glob("checkpoint-*"):
        try:
            whole.append((read(folder / "trainer_state.json")["global_step"], folder))
        except (OSError, ValueError):  # half-written: a kill came in between
            continue
    return max(whole)[1] if whole else None


def first_difference(mine: Mapping[str, Any], other: Mapping[str, Any]) -> str | None:
    """ "samples: 20 there, 30 here", or None where both say the same."""
    for key in dict.fromkeys([*other, *mine]):
        if mine.get(key) != other.get(key):
            return f"{key}: {mine.get(key)} there, {other.get(key)} here"
    return None


def read(path: Path) -> dict[str, Any]:
    """A JSON object."""
    return dict(json.loads(path.read_text(encoding="utf-8")))


def write(path: Path, content: Mapping[str, Any]) -> None:
    """A JSON object, there as a whole or not at all."""
    part = path.with_suffix(".part")
    part.write_text(json.dumps(content, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    part.replace(path)
