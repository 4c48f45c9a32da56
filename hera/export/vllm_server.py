"""vLLM on an exported folder, on loopback, for as long as it is asked."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from hera.errors import ModelError, one_line
from hera.export.proof import TOKENS, Reply

_SOON = 600.0  # seconds in which it has to be up: it compiles first
_ENDS = 30.0  # seconds


@dataclass(frozen=True)
class Server:
    """One that is up, at this address."""

    address: str

    def answers(self, name: str, prompts: Sequence[Sequence[int]]) -> list[Reply]:
        """How the model of that name goes on after each prompt, greedily."""
        how = {"model": name, "max_tokens": TOKENS, "temperature": 0, "logprobs": 0}
        replies = []
        for ids in prompts:
            asked = {**how, "prompt": list(ids), "return_token_ids": True}
            (choice,) = self._told("v1/completions", asked)["choices"]
            logprobs = choice["logprobs"]["token_logprobs"]
            replies.append(Reply(tuple(choice["token_ids"]), tuple(logprobs)))
        return replies

    def prompt_ids(self, name: str, questions: Sequence[str]) -> list[list[int]]:
        """The ids that questions become in its chat template."""
        asked = [{"model": name, "messages": [{"role": "user", "content": q}]} for q in questions]
        return [self._told("tokenize", one)["tokens"] for one in asked]

    def version(self) -> str:
        """ "vLLM 0.32.0"."""
        return f"vLLM {self._told('version')['version']}"

    def _told(self, path: str, content: dict[str, Any] | None = None) -> dict[str, Any]:
        data = None if content is None else json.dumps(content).encode()
        headers = {"Content-Type": "application/json"}
        request = urllib.request.Request(f"{self.address}/{path}", data, headers)
        # Past any proxy of the environment: it is on this machine.
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        with opener.open(request, timeout=_SOON) as reply:
            told: dict[str, Any] = json.load(reply)
        return told


@contextmanager
def started(folder: Path) -> Iterator[Server]:
    """The folder's `serve.sh`, up, in float32; it ends with what is done within.

    Raises:
        ModelError: it ends before it is up, or is not up after ten minutes.
    """
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    flags = ["--host", "127.0.0.1", "--port", str(port), "--dtype", "float32"]
    command = [str(folder / "serve.sh"), *flags]
    with tempfile.TemporaryFile("w+") as said:
        process = subprocess.Popen(command, stdout=said, stderr=said, start_new_session=True)
        try:
            server = Server(f"http://127.0.0.1:{port}")
            _wait(process, server, said)
            yield server
        finally:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGTERM)
                _gone(process)


def _gone(process: subprocess.Popen[bytes]) -> None:
    """Return once it is, by force where it does not end in half a minute."""
    try:
        process.wait(_ENDS)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait(_ENDS)


def _wait(process: subprocess.Popen[bytes], server: Server, said: IO[str]) -> None:
    end = time.monotonic() + _SOON
    while time.monotonic() < end and process.poll() is None:
        try:
            server.version()
        except (urllib.error.URLError, ConnectionError):
            time.sleep(1)
        else:
            return
    said.seek(0)
    lines = [line for line in said.read().splitlines() if "rror" in line] or ["it said nothing"]
    raise ModelError(f"vLLM does not start with it ({one_line(Exception(lines[-1]))}).")
