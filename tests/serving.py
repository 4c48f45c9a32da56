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
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from benchmarks.speed.port import free_port
from tests.forked import run_forked

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
    process: subprocess.Popen[str]
    log: Path
    seconds_to_page: float

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
    # What is asked with -c may look at what was imported, and a path says what can be.
    plain = arguments[0] in ("-c", "-W") or "PYTHONPATH" in variables
    if python == sys.executable and not plain:
        return run_forked(arguments, ROOT, env, timeout=900)
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
    home: Path, *flags: str, program: str = "app.py", port: str = "", **variables: str
) -> Iterator[App]:
    """`python app.py` on a free port, or on this one; yields once the page answers."""
    number, log = port or str(free_port()), home / "app.log"
    with log.open("w", encoding="utf-8") as sink:
        process = subprocess.Popen(
            [sys.executable, program, "--port", number, *flags],
            cwd=ROOT,
            env={**environment(home), **variables},
            stdout=sink,
            stderr=subprocess.STDOUT,
            text=True,
        )
    try:
        began = time.monotonic()
        url = f"http://127.0.0.1:{number}/"
        while not answers(url):
            assert process.poll() is None, log.read_text(encoding="utf-8")
            assert time.monotonic() - began < 120, log.read_text(encoding="utf-8")
            time.sleep(0.05)
        yield App(url, process, log, time.monotonic() - began)
    finally:
        process.terminate()
        process.wait(timeout=20)


def answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=5) as reply:
            return bool(reply.status == 200)
    except urllib.error.HTTPError as error:
        return error.code == 401  # it wants a password
    except (urllib.error.URLError, OSError):
        return False
