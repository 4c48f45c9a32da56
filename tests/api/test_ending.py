"""How the app ends at SIGTERM: answers end or are cut with a line, nothing new begins, exit code 0
within ten seconds; and what an error that nobody foresaw leaves behind."""

from __future__ import annotations

import json
import queue
import signal
import threading
import time
import urllib.error
import urllib.request
from pathlib import Path

import pytest
from gradio_client import Client
from gradio_client.exceptions import AppError

from tests.failing_app import SECRET
from tests.serving import App, serve

FAILING = "tests/failing_app.py"


def asked(app: App, path: str) -> dict[str, object]:
    with urllib.request.urlopen(f"{app.url}{path}", timeout=10) as reply:
        said: dict[str, object] = json.load(reply)
    return said


def when_ended(app: App) -> queue.Queue[float]:
    """Will hold the moment at which the process was gone."""
    told: queue.Queue[float] = queue.Queue()

    def watch() -> None:
        app.process.wait()
        told.put(time.monotonic())

    threading.Thread(target=watch, daemon=True).start()
    return told


def test_sigterm_lets_answers_end_and_begins_none(tmp_path: Path) -> None:
    with serve(tmp_path, program=FAILING, start="fresh") as app:
        client = Client(app.url, verbose=False, httpx_kwargs={"timeout": 60})
        long = client.submit("long", "base", max_new_tokens=2000, api_name="/chat")
        short = client.submit("long", "base", max_new_tokens=50, api_name="/chat")
        while not (long.outputs() and short.outputs()):
            time.sleep(0.05)
        before = asked(app, "alive")
        began = time.monotonic()
        app.process.send_signal(signal.SIGTERM)
        ended = when_ended(app)
        time.sleep(0.3)
        assert asked(app, "alive") == {**before, "leaving": True}
        with pytest.raises(urllib.error.HTTPError) as unhealthy:
            asked(app, "health")
        assert (unhealthy.value.code, json.load(unhealthy.value)["status"]) == (503, "leaving")
        with pytest.raises(AppError, match=r"HERA is about to restart: ask again in a minute"):
            client.predict("What is asthma?", "base", api_name="/chat")
        assert len(short.result(timeout=20).split()) == 50
        with pytest.raises(AppError, match=r"so this ends here. What was there by now stays"):
            long.result(timeout=20)
        assert app.process.wait(timeout=20) == 0
        assert ended.get(timeout=5) - began < 10
        assert "Traceback" not in app.output()


def test_an_error_that_nobody_foresaw_is_one_line_and_serving_goes_on(tmp_path: Path) -> None:
    with serve(tmp_path, "--log", "--metrics", program=FAILING, HERA_FAILS="disk") as app:
        client = Client(app.url, verbose=False)
        with pytest.raises(AppError, match=r"^There was not enough memory for this\."):
            client.predict(f"memory {SECRET}", "base", api_name="/chat")
        scored = client.submit(["base"], 100, 1, api_name="/pubmedqa")
        with pytest.raises(AppError, match=r"^The disk of the server is full\."):
            scored.result(timeout=30)
        assert scored.outputs()[-1]["n"] == 32  # two batches
        said = client.predict("Hello", "base", max_new_tokens=4, api_name="/chat")
        assert len(said.split()) == 4
        assert asked(app, "health")["status"] == "ready"
        with urllib.request.urlopen(f"{app.url}metrics", timeout=10) as reply:
            counts = reply.read().decode().splitlines()
        assert 'hera_events_total{event="endpoints.chat",outcome="failed"} 1' in counts
        assert 'hera_events_total{event="endpoints.chat",outcome="done"} 1' in counts
        assert {"hera_events_running 0", "hera_ready 1", "hera_variants 3"} <= set(counts)
        log = app.output()
        lines = [json.loads(line) for line in log.splitlines() if line.startswith("{")]
        assert [(line["event"], line["outcome"]) for line in lines] == [
            ("endpoints.chat", "failed"),
            ("endpoints.pubmedqa", "failed"),
            ("endpoints.chat", "done"),
        ]
        assert "error: endpoints.chat failed: MemoryError at " in log
        assert "error: endpoints.pubmedqa failed: OSError (ENOSPC) at " in log
        assert "Traceback" not in log
        assert SECRET not in log
