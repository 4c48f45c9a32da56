"""requirements.txt alone starts the app: run it before anything else is in the environment.

`python tests/clean_start.py` needs nothing of the tests' own requirements. It starts the app as a
Space does, with an empty home and no Hub, and asks for the page and for one answer. No model is
named: in a fresh environment the embedded one stands in for the default.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from benchmarks.speed.port import free_port  # noqa: E402 - it stands beside this folder

LONGEST = 120.0


def alone() -> bool:
    """Whether the tests' packages are not here yet; with them, this would show nothing."""
    try:
        version("pytest")
    except PackageNotFoundError:
        return True
    return False


def wait_for_page(url: str, app: subprocess.Popen[bytes]) -> float:
    began = time.monotonic()
    while time.monotonic() - began < LONGEST and app.poll() is None:
        try:
            with urllib.request.urlopen(url, timeout=5) as reply:
                if reply.status == 200:
                    return time.monotonic() - began
        except (urllib.error.URLError, OSError):
            time.sleep(0.1)
    raise RuntimeError(f"no page within {LONGEST:.0f} s")


def ask(url: str) -> str:
    from gradio_client import Client

    client = Client(url, verbose=False)
    return str(client.predict("What is asthma?", max_new_tokens=16, api_name="/chat"))


def main(home: Path) -> None:
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("HERA_", "HF_", "GRADIO_"))}
    port, log = free_port(), home / "app.log"
    url = f"http://127.0.0.1:{port}/"
    # How Spaces says where to listen.
    listen = {"GRADIO_SERVER_NAME": "0.0.0.0", "GRADIO_SERVER_PORT": str(port)}
    offline = {"HOME": str(home), "HF_HUB_OFFLINE": "1", "NO_PROXY": "127.0.0.1"}
    os.environ["NO_PROXY"] = "127.0.0.1"
    with log.open("wb") as sink:
        app = subprocess.Popen(
            [sys.executable, "app.py"],
            cwd=ROOT,
            env={**kept, **listen, **offline},
            stdout=sink,
            stderr=sink,
        )
    try:
        seconds = wait_for_page(url, app)
        if not ask(url).strip():
            raise RuntimeError("/chat answered nothing")
    except Exception as error:  # whatever it is, the app's own words say more
        print(log.read_text(encoding="utf-8", errors="replace"), file=sys.stderr)
        sys.exit(f"clean start: {error}")
    finally:
        app.terminate()
        app.wait(timeout=20)
    print(f"clean start: page after {seconds:.1f} s, and one answer.")


if __name__ == "__main__":
    if alone():
        with tempfile.TemporaryDirectory() as folder:
            main(Path(folder))
    else:
        print("clean start: not tried, the tests' packages are here already (`make clean` first).")
