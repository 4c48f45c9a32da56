"""The folder of a run that lasts: never overwritten, and gone on with only by the same run."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from hera.errors import ConfigError


def check(
    output: Path, mine: Mapping[str, Any] | None, identity: Mapping[str, Any], resume: bool
) -> None:
    """Whether a run may write to `output`; an empty folder may be resumed from its beginning.

    Args:
        output: the folder.
        mine: whose run it holds already, None if none.
        identity: the run that asks.
        resume: whether it goes on with its own.

    Raises:
        ConfigError: the folder holds something else, another run, or (without `resume`) this one.
    """
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


def check_new_folder(output: Path) -> None:
    """Raises ConfigError if something is at --output: no command overwrites what is there."""
    if output.exists() and not output.is_dir():
        raise ConfigError(f"--output {output}: it is a file. Give a folder.")
    if output.is_dir() and any(output.iterdir()):
        raise ConfigError(f"--output {output}: it is not empty. Give a new folder.")


def check_empty(output: Path) -> None:
    """Raises ConfigError if something is there, but for what a kill leaves of a file."""
    if not output.is_dir() or _contents(output):
        check_new_folder(output)


def _contents(output: Path) -> list[Path]:
    return [path for path in output.iterdir() if path.suffix != ".part"]  # a kill leaves these


def begin(output: Path, name: str, identity: Mapping[str, Any]) -> None:
    """Write down whose run the folder is, in the file of that name.

    Raises:
        ConfigError: nothing can be written there.
    """
    try:
        output.mkdir(parents=True, exist_ok=True)
        write(output / name, identity)
    except OSError as error:
        raise ConfigError(f"--output {output}: cannot be written ({error.strerror}).") from error


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
    part.write_text(text(content), encoding="utf-8")
    part.replace(path)


def text(content: Mapping[str, Any]) -> str:
    """A JSON object as `write` writes it."""
    return json.dumps(content, indent=1, ensure_ascii=False) + "\n"
