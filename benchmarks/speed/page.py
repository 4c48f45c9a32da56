"""What the page weighs and when it can be written in, beside a bare Gradio app.

    python -m benchmarks.speed page
    python -m benchmarks.speed page --repeats 9

HERA on the embedded model and the shortest chat that Gradio has (`gr.ChatInterface`), both loaded
by the same browser with an empty cache, in turn: bytes that came over the wire, requests, and the
seconds until the message's box takes a text. Wants Playwright and a Chromium, which are for the
tests (`make test` brings them). The server and the browser share the machine.
"""

from __future__ import annotations

import argparse
import contextlib
import shutil
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from benchmarks.speed.port import free_port
from benchmarks.speed.visitors import answers, served
from hera.errors import ConfigError, ModelError
from hera.evaluation.provenance import machine

_BARE = (
    "import gradio as gr; gr.ChatInterface(lambda message, history: message)"
    ".launch(server_port={port}, ssr_mode=False)"
)
_FLAGS = ("--no-sandbox", "--disable-dev-shm-usage", "--disable-gpu")
_PATIENCE = 120.0  # seconds
_TEXT = "What is asthma?"


@dataclass(frozen=True)
class Loaded:
    """One load of a page."""

    size: int
    """Bytes over the wire, headers counted in."""
    requests: int
    seconds: float


def main(argv: Sequence[str]) -> None:
    """The `page` part of the command."""
    parser = argparse.ArgumentParser(description="Weigh the page beside a bare Gradio app's.")
    parser.add_argument("--repeats", type=int, default=7, metavar="N", help="loads of each (7)")
    repeats = parser.parse_args(argv).repeats
    if repeats < 1:
        raise ConfigError("--repeats must be at least 1.")
    with chromium() as browser, served(["--model", "embedded"]) as hera, bare() as other:
        pages = {"HERA": (hera, "#chat-message textarea"), "bare Gradio": (other, "textarea")}
        found: dict[str, list[Loaded]] = {name: [] for name in pages}
        for turn in range(repeats + 1):
            for name, (url, box) in pages.items():
                load = loaded(browser, url, box)
                if turn:  # the first is the servers' own
                    found[name].append(load)
    for name, loads in found.items():
        print(line(name, loads))
    print(f"{machine().cpus} CPUs, {repeats} loads of each in turn, empty cache, no SSR")


def line(name: str, loads: Sequence[Loaded]) -> str:
    """The medians, and the range of each."""
    size = _spread([load.size / 1e6 for load in loads], "{:.2f}")
    requests = _spread([load.requests for load in loads], "{:.0f}")
    seconds = _spread([load.seconds for load in loads], "{:.2f}")
    return f"{name:12} {size} MB, {requests} requests, writable after {seconds} s"


def _spread(values: Sequence[float], shape: str) -> str:
    middle, low, high = (shape.format(f(values)) for f in (statistics.median, min, max))
    return middle if low == high else f"{middle} [{low}, {high}]"


def loaded(browser: Any, url: str, box: str) -> Loaded:
    """Load a page with an empty cache, write into its box, and count what came."""
    context = browser.new_context()
    page = context.new_page()
    wire = context.new_cdp_session(page)
    wire.send("Network.enable")
    sizes: list[float] = []
    wire.on("Network.loadingFinished", lambda event: sizes.append(event["encodedDataLength"]))
    began = time.perf_counter()
    page.goto(url, wait_until="commit")
    where = page.locator(box).first
    where.fill(_TEXT, timeout=_PATIENCE * 1000)
    page.wait_for_function(
        "([box, text]) => document.querySelector(box).value === text", arg=[box, _TEXT]
    )
    seconds = time.perf_counter() - began
    page.wait_for_timeout(1500)  # what is fetched behind it
    context.close()
    return Loaded(int(sum(sizes)), len(sizes), seconds)


@contextlib.contextmanager
def chromium() -> Iterator[Any]:
    """A browser: Debian's where there is one, Playwright's own otherwise.

    Raises:
        ConfigError: there is none.
    """
    try:
        from playwright.sync_api import Error, sync_playwright
    except ImportError as error:
        raise ConfigError("page: Playwright is missing; `make test` installs it.") from error
    with sync_playwright() as playwright:
        try:
            system = shutil.which("chromium")
            browser = playwright.chromium.launch(executable_path=system, args=list(_FLAGS))
        except Error as error:
            raise ConfigError("page: no Chromium here; `make test` installs one.") from error
        yield browser
        browser.close()


@contextlib.contextmanager
def bare() -> Iterator[str]:
    """The shortest chat that Gradio has; yields its URL.

    Raises:
        ModelError: it does not come up.
    """
    port = free_port()
    words = [sys.executable, "-c", _BARE.format(port=port)]
    app = subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    url = f"http://127.0.0.1:{port}/"
    try:
        _wait(lambda: answers(url), app)
        yield url
    finally:
        app.terminate()
        app.wait()


def _wait(ready: Callable[[], bool], app: subprocess.Popen[bytes]) -> None:
    began = time.monotonic()
    while not ready():
        if app.poll() is not None or time.monotonic() - began > _PATIENCE:
            raise ModelError("The bare Gradio app did not come up.")
        time.sleep(0.2)
