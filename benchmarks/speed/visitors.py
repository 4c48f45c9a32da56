"""Visitors of the real app over HTTP: it is started, asked by many at once, and stopped."""

from __future__ import annotations

import contextlib
import os
import random
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from benchmarks.speed.port import free_port
from hera.data import load_dialogues
from hera.errors import ModelError
from hera.refs import EMBEDDED, Ref

SEED = 42
TEMPERATURE = 0.7
_PATIENCE = 600.0  # seconds for the app to load its model


@dataclass(frozen=True)
class Answered:
    """One answer: seconds to its first token and to its end, and its text."""

    first: float
    whole: float
    text: str


@dataclass(frozen=True)
class Started:
    """The app in a process of its own, and what it has said."""

    url: str
    log: Path
    process: int


@contextlib.contextmanager
def served(words: Sequence[str]) -> Iterator[str]:
    """The URL of the app, as `started`."""
    with started(words) as app:
        yield app.url


@contextlib.contextmanager
def started(words: Sequence[str]) -> Iterator[Started]:
    """The app on a free port, once its model is loaded.

    Raises:
        ModelError: it ended, with its last line, or is not there in time.
    """
    port = free_port()
    url = f"http://127.0.0.1:{port}/"
    with tempfile.TemporaryDirectory() as folder:
        log = Path(folder, "log")
        with log.open("w", encoding="utf-8") as sink:
            app = subprocess.Popen(
                [sys.executable, "app.py", "--port", str(port), *words],
                stdout=sink,
                stderr=subprocess.STDOUT,
                env={**os.environ, "NO_PROXY": "127.0.0.1"},
            )
        try:
            began = time.monotonic()
            while not answers(f"{url}health"):
                if app.poll() is not None or time.monotonic() - began > _PATIENCE:
                    said = log.read_text(encoding="utf-8").strip().splitlines()[-1:]
                    raise ModelError(f"The app cannot be measured: {''.join(said) or 'no answer'}")
                time.sleep(0.2)
            yield Started(url, log, app.pid)
        finally:
            app.terminate()
            app.wait()


def answers(url: str) -> bool:
    """Whether something says 200 there."""
    try:
        with urllib.request.urlopen(url, timeout=5) as reply:
            return bool(reply.status == 200)
    except (urllib.error.URLError, OSError):
        return False


def visit(url: str, users: int, answers: int, tokens: int) -> list[Answered]:
    """All answers of so many visitors who ask at once, each so many in turn and of so many tokens
    at the most; every answer has a seed of its own."""
    with ThreadPoolExecutor(users) as crowd:
        clients = list(crowd.map(lambda _: _client(url), range(users)))
        visits = crowd.map(
            lambda number: _ask(number, clients[number], answers, tokens), range(users)
        )
        return [answer for said in visits for answer in said]


@contextlib.contextmanager
def scored(url: str, questions: int) -> Iterator[None]:
    """Within, so many questions of PubMedQA's kind are scored.

    Raises:
        ModelError: the app cannot, or was done before what is within ended.
    """
    run = _client(url).submit([], questions, SEED, api_name="/pubmedqa")
    try:
        while not run.outputs():
            if run.done():
                raise ModelError(f"The app cannot score: {run.exception()}")
            time.sleep(0.05)
        yield
        if run.done():
            raise ModelError(f"The {questions} questions were done too soon: ask for less beside.")
    finally:
        # The app says that it has stopped when the questions at work are scored, which may be later
        # than the client waits.
        with contextlib.suppress(httpx.ReadTimeout):
            run.cancel()


def questions_of(number: int, answers: int) -> list[str]:
    """What a visitor asks: held-out messages of the project's own patients."""
    messages = [d.patient for d in load_dialogues(Ref.of(EMBEDDED), split="test")]
    return random.Random(SEED + number).sample(messages, answers)


def _client(url: str) -> Any:
    from gradio_client import Client

    return Client(url, verbose=False)


def _ask(number: int, client: Any, answers: int, tokens: int) -> list[Answered]:
    """One visitor's answers, one after the other."""
    found = []
    for turn, question in enumerate(questions_of(number, answers)):
        began = time.perf_counter()
        said = [""]
        first = 0.0
        job = client.submit(
            question,
            max_new_tokens=tokens,
            temperature=TEMPERATURE,
            seed=SEED + number * answers + turn,
            api_name="/chat",
        )
        for text in job:
            first = first or time.perf_counter() - began
            said.append(text)
        found.append(Answered(first, time.perf_counter() - began, said[-1]))
    return found
