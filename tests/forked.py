"""Run `python ...` in a process that has read the large libraries already.

torch, transformers, gradio and what they import take a command ten seconds of a core, in each of
hundreds of commands. They are read once, by the server from which multiprocessing forks. What reads
the environment when it is imported (huggingface_hub, and all that imports it) was read with the Hub
out of reach; a process for which the Hub's settings are others reads that for itself.
"""

from __future__ import annotations

import atexit
import contextlib
import multiprocessing
import os
import runpy
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from multiprocessing import forkserver
from pathlib import Path
from types import ModuleType
from typing import Any
from unittest import mock

_LARGE = (
    *("torch", "torch._inductor.compile_fx", "torch.distributed.tensor"),
    *("numpy", "scipy.optimize", "scipy.stats", "pandas", "pyarrow", "sympy", "networkx"),
    *("sklearn.metrics", "fastapi", "mcp.server.fastmcp", "openai"),
)
_READ_SETTINGS = (
    *("transformers.trainer", "datasets", "accelerate", "bitsandbytes", "peft"),
    *("trl.trainer.sft_trainer", "gradio", "matplotlib.pyplot"),
)
_SHARED = tempfile.TemporaryDirectory(prefix="hera-tests-")
HF_HOME = str(Path(_SHARED.name, "hf"))  # of the processes that need no Hub
# As `hera.cli` has it before it imports them.
_SETTINGS = {
    **{"HF_HOME": HF_HOME, "HF_HUB_OFFLINE": "1", "MPLCONFIGDIR": str(Path(_SHARED.name, "mpl"))},
    **{"HF_HUB_DISABLE_TELEMETRY": "1", "GRADIO_ANALYTICS_ENABLED": "False"},
    **{"HF_HUB_DISABLE_PROGRESS_BARS": "1", "HF_DATASETS_DISABLE_PROGRESS_BARS": "1"},
}
_PATH = tuple(sys.path)  # before any test: `evaluate.load` adds its folder, first come first found
_CONTEXT = multiprocessing.get_context("forkserver")


class _Server(forkserver.ForkServer):
    """Reads libraries under these variables, and forks."""

    def __init__(self, libraries: tuple[str, ...], variables: Mapping[str, str]) -> None:
        super().__init__()
        self.set_forkserver_preload(list(libraries))
        self._variables = variables

    def ensure_running(self) -> None:
        with mock.patch.dict(os.environ, self._variables):
            super().ensure_running()

    @contextlib.contextmanager
    def in_place(self) -> Iterator[None]:
        """Within, it is the one that multiprocessing asks: that knows of one alone."""
        with mock.patch.object(forkserver, "connect_to_new_process", self.connect_to_new_process):
            yield


_ALL, _WITHOUT_THE_HUBS = _Server(_LARGE + _READ_SETTINGS, _SETTINGS), _Server(_LARGE, {})


def run_forked(
    arguments: tuple[str, ...], folder: Path, variables: dict[str, str], timeout: float
) -> subprocess.CompletedProcess[str]:
    """What `python -m MODULE ...`, `python -c CODE ...` or `python FILE ...` does there, with those
    variables alone.

    Raises:
        subprocess.TimeoutExpired: it was stopped after `timeout` seconds.
    """
    with tempfile.TemporaryDirectory() as written:
        out, err = Path(written, "out"), Path(written, "err")
        process = Forked(arguments, folder, variables, out, err)
        try:
            code = process.wait(timeout)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
            raise
        said = [file.read_text(encoding="utf-8") for file in (out, err)]
        return subprocess.CompletedProcess(arguments, code, *said)


class Forked:
    """One such process, asked for as a `subprocess.Popen` is."""

    def __init__(
        self,
        arguments: tuple[str, ...],
        folder: Path,
        variables: dict[str, str],
        out: Path,
        err: Path,
    ) -> None:
        self.args = arguments
        words: Any = (arguments, folder, variables, out, err, _PATH)
        self._process = _CONTEXT.Process(target=_python, args=words)
        server = _ALL if variables.get("HF_HOME") == HF_HOME else _WITHOUT_THE_HUBS
        with server.in_place():
            self._process.start()
        self.pid = int(self._process.pid or 0)

    def poll(self) -> int | None:
        """Its exit status, less than 0 for a signal; None while it runs."""
        return self._process.exitcode

    def wait(self, timeout: float | None = None) -> int:
        """Its exit status, once it has ended; raises subprocess.TimeoutExpired before that."""
        self._process.join(timeout)
        code = self.poll()
        if code is None:
            raise subprocess.TimeoutExpired(self.args, timeout or 0)
        return code

    def send_signal(self, number: int) -> None:
        """Send it one, if it still runs."""
        if self.poll() is None:
            os.kill(self.pid, number)

    def terminate(self) -> None:
        self.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        self.send_signal(signal.SIGKILL)


def _python(
    arguments: tuple[str, ...],
    folder: Path,
    variables: dict[str, str],
    out: Path,
    err: Path,
    path: tuple[str, ...],
) -> None:
    for number, file in ((1, out), (2, err)):
        os.dup2(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_APPEND), number)
    os.environ.clear()
    os.environ.update(variables)
    tempfile.tempdir = None  # a library that was read has asked for it, before TMPDIR was set
    os.chdir(folder)
    beside = variables.get("PYTHONPATH", "").split(os.pathsep)
    sys.path[:] = [str(folder), *filter(None, beside), *path]
    what, *words = arguments
    try:
        if what == "-m":
            sys.argv = words
            runpy.run_module(words[0], run_name="__main__", alter_sys=True)
        elif what == "-c":
            sys.argv = ["-c", *words[1:]]
            main = sys.modules["__main__"] = ModuleType("__main__")
            exec(words[0], vars(main))
        else:
            sys.argv = list(arguments)
            runpy.run_path(what, run_name="__main__")
    finally:
        atexit._run_exitfuncs()
