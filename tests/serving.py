"""Start the real app as a subprocess, as a user does, and wait for it."""

from __future__ import annotations

import contextlib
import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from benchmarks.speed.port import free_port
from tests.forked import HF_HOME, Forked, run_forked

ROOT = Path(__file__).resolve().parent.parent

# For `python -c`: evaluate takes transformers (5 s) where there is one; a metric Space has none.
NO_TRANSFORMERS = """
import sys
class Missing:
    def find_spec(name, path=None, target=None):
        if name == "transformers":
            raise ImportError(name)
sys.meta_path.insert(0, Missing)
"""


@dataclass
class App:
    url: str
    process: subprocess.Popen[str] | Forked
    log: Path

    def output(self) -> str:
        return self.log.read_text(encoding="utf-8")


@contextlib.contextmanager
def silent_hub() -> Iterator[dict[str, str]]:
    """A Hub that takes connections and never says a word; the variables that name it."""
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        yield {
            "HF_ENDPOINT": f"http://127.0.0.1:{silent.getsockname()[1]}",
            "HF_HUB_OFFLINE": "0",
        }


def environment(home: Path) -> dict[str, str]:
    """An empty home, no Hub, no proxy for the loopback, none of the caller's HERA_* settings; the
    app serves the embedded model, as every other command does."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("HERA_", "HF_", "GRADIO_"))}
    return {
        **kept,
        "HOME": str(home),
        "HF_HOME": str(home / "hf"),
        "HF_HUB_OFFLINE": "1",
        "HERA_MODEL": "embedded",
        "NO_PROXY": "127.0.0.1,localhost",
        "MPLCONFIGDIR": str(home / "mpl"),
    }


def command(
    *arguments: str, home: Path, python: Path | str = sys.executable, **variables: str
) -> subprocess.CompletedProcess[str]:
    """Run `python ...` at the root; the completed process with its text."""
    env = {**environment(home), **variables}
    if python == sys.executable and arguments[0] != "-W":
        return run_forked(arguments, ROOT, {**env, **_hub(variables)}, timeout=900)
    return subprocess.run(
        [str(python), *arguments],
        cwd=ROOT,
        env=env,
        capture_output=True,
        text=True,
        timeout=900,
        check=False,
    )


@contextlib.contextmanager
def serve(
    home: Path,
    *flags: str,
    program: str = "app.py",
    port: str = "",
    start: str = "forked",
    **variables: str,
) -> Iterator[App]:
    """`python app.py` on a free port, or on this one; yields once the page answers. `start`
    "fresh": in a process that has read no library yet, for tests of how it starts or ends."""
    number, log = port or str(free_port()), home / "app.log"
    log.write_bytes(b"")
    arguments, env = (program, "--port", number, *flags), {**environment(home), **variables}
    if start == "fresh":
        process: subprocess.Popen[str] | Forked = _fresh(arguments, env, log)
    else:
        process = Forked(arguments, ROOT, {**env, **_hub(variables)}, log, log)
    try:
        began = time.monotonic()
        url = f"http://127.0.0.1:{number}/"
        while not answers(url):
            assert process.poll() is None, log.read_text(encoding="utf-8")
            assert time.monotonic() - began < 120, log.read_text(encoding="utf-8")
            time.sleep(0.05)
        yield App(url, process, log)
    finally:
        process.terminate()
        try:
            process.wait(timeout=20)
        finally:
            process.kill()  # one that is stuck would hold up the tests' own end


def _hub(variables: Mapping[str, str]) -> dict[str, str]:
    """Where a process has the Hub's files of which nothing else is said: with the others that need
    no Hub."""
    own = any(name.startswith(("HF_", "GRADIO_", "SPACE")) for name in variables)
    return {} if own else {"HF_HOME": HF_HOME}


def _fresh(arguments: tuple[str, ...], env: dict[str, str], log: Path) -> subprocess.Popen[str]:
    with log.open("w", encoding="utf-8") as sink:
        return subprocess.Popen(
            [sys.executable, *arguments],
            cwd=ROOT,
            env=env,
            stdout=sink,
            stderr=subprocess.STDOUT,
            text=True,
        )


def answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=5) as reply:
            return bool(reply.status == 200)
    except urllib.error.HTTPError as error:
        return error.code == 401  # it wants a password
    except (urllib.error.URLError, OSError):
        return False
