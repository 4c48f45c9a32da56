"""`python -m hera.export merge`: whatever ends it, no half folder is left behind."""

from __future__ import annotations

import json
import os
import resource
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from safetensors.torch import load_file, save_file

from hera import ConfigError, ModelError
from hera.export.__main__ import main as export
from hera.refs import EMBEDDED_DIR
from tests import ctrl_c
from tests.doubles import miniatures
from tests.serving import ROOT, environment

STAGE1 = str(EMBEDDED_DIR / "stage1")


def everything(folder: Path) -> set[str]:
    return {str(path.relative_to(folder)) for path in folder.rglob("*")}


@pytest.fixture
def uneven(made: miniatures.Folders, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An adapter whose head has a row less than its embeddings: no model holds both."""
    folder = tmp_path_factory.mktemp("uneven") / "adapter"
    shutil.copytree(made["chatml"], folder)
    path = folder / "adapter_model.safetensors"
    tensors = load_file(path)
    for name in tensors:
        if "lm_head" in name:
            tensors[name] = tensors[name][:-1].clone()
    save_file(tensors, path, {"format": "pt"})
    return folder


def test_an_adapter_that_cannot_be_merged_leaves_nothing(uneven: Path, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    for adapter in (str(uneven), "./nowhere"):
        for output in ("new", "one/two/three", "empty"):
            with pytest.raises(ModelError):
                export(["merge", "--adapter", adapter, "--output", str(tmp_path / output)])
            assert everything(tmp_path) == {"empty"}


def test_a_full_disk_leaves_nothing(tmp_path: Path) -> None:
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1 << 20, limits[1]))  # a file takes no more
    try:
        with pytest.raises(ModelError, match=r"out: cannot be written"):
            export(["merge", "--adapter", STAGE1, "--output", str(tmp_path / "out")])
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert everything(tmp_path) == set()


def once_there(folder: Path, act: Callable[[], None]) -> None:
    """Do it as soon as the merge has begun to make its folder."""
    deadline = time.monotonic() + 60
    while not list(folder.glob("made/.*.part/whole")):
        assert time.monotonic() < deadline
        time.sleep(0.01)
    act()


def test_ctrl_c_leaves_nothing(tmp_path: Path) -> None:
    def interrupt() -> None:
        os.kill(os.getpid(), signal.SIGINT)

    watch = threading.Thread(target=once_there, args=(tmp_path, interrupt))
    watch.start()
    with ctrl_c.heeded(), pytest.raises(KeyboardInterrupt):
        export(["merge", "--adapter", STAGE1, "--output", str(tmp_path / "made" / "out")])
    watch.join()
    assert everything(tmp_path) == set()


def test_a_terminated_merge_leaves_nothing(tmp_path: Path) -> None:
    output = str(tmp_path / "made" / "out")
    process = subprocess.Popen(
        [sys.executable, "-m", "hera.export", "merge", "--adapter", STAGE1, "--output", output],
        cwd=ROOT,
        env=environment(tmp_path.with_name("home")),
        stderr=subprocess.PIPE,
        text=True,
    )
    once_there(tmp_path, process.terminate)
    _, stderr = process.communicate(timeout=60)
    assert process.returncode in (130, -signal.SIGINT), (
        stderr
    )  # Python may end by the signal itself
    assert stderr == "stopped.\n"
    assert everything(tmp_path) == set()


def test_a_folder_that_was_there_stays_the_same_folder(tmp_path: Path) -> None:
    """As one that somebody works in, or another's that is lent, has to."""
    output = tmp_path / "out"
    output.mkdir(mode=0o750)
    (tmp_path / "link").symlink_to(output)
    before = output.stat()
    export(["merge", "--adapter", STAGE1, "--output", str(tmp_path / "link")])
    assert (output.stat().st_ino, output.stat().st_mode) == (before.st_ino, before.st_mode)
    assert json.loads((output / "config.json").read_text(encoding="utf-8"))["vocab_size"] == 6144
    assert everything(tmp_path) - everything(output) > {"out", "link"}
    assert {path.name for path in tmp_path.iterdir()} == {"out", "link"}


@pytest.mark.parametrize("place", ["file/out", "file"])
def test_where_no_folder_can_be_is_said_at_once(tmp_path: Path, place: str) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    with pytest.raises(ConfigError, match=r"--output .*file"):
        export(["merge", "--adapter", "./nowhere", "--output", str(tmp_path / place)])
