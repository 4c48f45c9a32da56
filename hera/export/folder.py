"""A folder that is there as a whole or not at all, whatever ends the work before."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from hera.cli.output import check_new_folder
from hera.errors import ConfigError


@contextmanager
def whole_folder(output: Path) -> Iterator[Path]:
    """A folder to write into, which becomes `output` when the work within has ended well.

    After an error, or Ctrl-C, nothing of it is left: no `output`, none of the folders above it that
    were made for it, and an `output` that was there before is as empty as it was.

    Raises:
        ConfigError: `output` is a file or not empty, or cannot be made.
    """
    with ExitStack() as made:
        try:
            check_new_folder(output)
            target = output.resolve()
            for above in reversed([path for path in target.parents if not path.exists()]):
                above.mkdir()
                made.callback(_remove_if_empty, above)
            scratch = tempfile.TemporaryDirectory(dir=_room(target), prefix=".", suffix=".part")
        except OSError as error:
            raise _cannot(output, error) from error
        with scratch:
            unfinished = Path(scratch.name, "whole")
            unfinished.mkdir()
            yield unfinished
            check_new_folder(output)
            try:
                _put(unfinished, target)
            except OSError as error:
                raise _cannot(output, error) from error
        made.pop_all()


def _room(target: Path) -> Path:
    """Where the unfinished folder lies: beside the target, so that it only has to be renamed, or in
    it where nothing beside it can be written or is on its file system."""
    beside = target.parent
    if target.is_dir() and (target.is_mount() or not os.access(beside, os.W_OK)):
        return target
    return beside


def _put(unfinished: Path, target: Path) -> None:
    """Everything to its place; into a folder that is there already one by one, because its owner,
    its rights, and whoever works in it are to stay."""
    if not target.is_dir():
        unfinished.rename(target)
        return
    with ExitStack() as put:
        for path in list(unfinished.iterdir()):
            place = target / path.name
            put.callback(place.unlink, missing_ok=True)
            path.rename(place)
        put.pop_all()


def _remove_if_empty(folder: Path) -> None:
    if not any(folder.iterdir()):
        folder.rmdir()


def _cannot(output: Path, error: OSError) -> ConfigError:
    return ConfigError(f"--output {output}: cannot be written ({error.strerror}).")
