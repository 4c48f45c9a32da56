"""Run `python ...` in a process that has read the large libraries already.

torch and what it imports take a command five seconds of a core, in each of a hundred commands.
They are read once, by the server from which multiprocessing forks. What reads the environment when
it is imported (huggingface_hub, and all that imports it) each process still reads for itself.
"""

from __future__ import annotations

import atexit
import multiprocessing
import os
import runpy
import signal
import subprocess
import sys
import tempfile
from pathlib import Path
from types import ModuleType

_LIBRARIES = (
    *("torch", "torch._inductor.compile_fx", "torch.distributed.tensor"),
    *("numpy", "scipy.optimize", "scipy.stats", "pandas", "pyarrow", "sympy", "networkx"),
    *("sklearn.metrics", "fastapi", "mcp.server.fastmcp", "openai"),
)
_PATH = tuple(sys.path)  # before any test: `evaluate.load` adds its folder, first come first found
_SERVER = multiprocessing.get_context("forkserver")
_SERVER.set_forkserver_preload(list(_LIBRARIES))


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
        self._process = _SERVER.Process(
            target=_python, args=(arguments, folder, variables, out, err, _PATH)
        )
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
