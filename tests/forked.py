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
import subprocess
import sys
import tempfile
from pathlib import Path

_LIBRARIES = (
    *("torch", "torch._inductor.compile_fx", "torch.distributed.tensor"),
    *("numpy", "scipy.optimize", "scipy.stats", "pandas", "pyarrow", "sympy", "networkx"),
)
_SERVER = multiprocessing.get_context("forkserver")
_SERVER.set_forkserver_preload(list(_LIBRARIES))


def run_forked(
    arguments: tuple[str, ...], folder: Path, variables: dict[str, str], timeout: float
) -> subprocess.CompletedProcess[str]:
    """What `python -m MODULE ...` or `python FILE ...` does there, with those variables alone.

    Raises:
        subprocess.TimeoutExpired: it was stopped after `timeout` seconds.
    """
    with tempfile.TemporaryDirectory() as written:
        out, err = Path(written, "out"), Path(written, "err")
        process = _SERVER.Process(target=_python, args=(arguments, folder, variables, out, err))
        process.start()
        process.join(timeout)
        if process.exitcode is None:
            process.kill()
            process.join()
            raise subprocess.TimeoutExpired(arguments, timeout)
        said = [file.read_text(encoding="utf-8") for file in (out, err)]
        return subprocess.CompletedProcess(arguments, process.exitcode, *said)


def _python(
    arguments: tuple[str, ...], folder: Path, variables: dict[str, str], out: Path, err: Path
) -> None:
    for number, file in ((1, out), (2, err)):
        os.dup2(os.open(file, os.O_WRONLY | os.O_CREAT), number)
    os.environ.clear()
    os.environ.update(variables)
    os.chdir(folder)
    sys.path[0:0] = [str(folder)]
    what, *words = arguments
    try:
        if what == "-m":
            sys.argv = words
            runpy.run_module(words[0], run_name="__main__", alter_sys=True)
        else:
            sys.argv = list(arguments)
            runpy.run_path(what, run_name="__main__")
    finally:
        atexit._run_exitfuncs()
