"""The app in front of a server: what that does wrong is said, and the app serves on."""

from __future__ import annotations

from pathlib import Path

import httpx
import pytest
from gradio_client import Client
from gradio_client.exceptions import AppError

from tests.faulty import faulty
from tests.serving import command, serve

VARIANTS = ("--adapter", "mine=stops", "--adapter", "gone=nowhere")


def test_a_server_that_dies_in_the_middle(tmp_path: Path) -> None:
    with (
        faulty() as server,
        serve(tmp_path, "--server", server.url, *VARIANTS, HERA_MODEL="") as app,
    ):
        client = Client(app.url, verbose=False)
        job = client.submit("I have a cold.", "mine", api_name="/chat")
        with pytest.raises(AppError, match=f"--server {server.url}: it stopped in the middle"):
            job.result()
        assert job.outputs()[-1] == "Drink some "
        assert client.predict("I have a cold.", "base", api_name="/chat") == "Rest helps."
        with pytest.raises(AppError, match="cannot score here: name the base with --model"):
            client.predict(["base"], 2, api_name="/pubmedqa")
        health = client.predict(api_name="/health")
        assert (health["status"], health["variants"]) == ("degraded", ["base", "mine"])
        assert health["left_out"] == ["gone"]
        assert any("'nowhere'" in note for note in health["notes"])


def test_a_server_that_is_not_there(tmp_path: Path) -> None:
    url = "http://127.0.0.1:9"
    with serve(tmp_path, HERA_SERVER=url, SPACE_ID="me/hera") as app:
        page = httpx.get(f"{app.url}config", trust_env=False).text
        assert "sends it on to the server that answers, <code>127.0.0.1</code>" in page
        assert "Hugging Face runs the machine" in page
        assert "It is sent on to nobody" not in page
        client = Client(app.url, verbose=False)
        with pytest.raises(AppError, match=f"--server {url}: it cannot be reached"):
            client.predict("I have a cold.", "base", api_name="/chat")


def test_flags_that_are_the_servers_to_choose(tmp_path: Path) -> None:
    server = ("--server", "http://127.0.0.1:9")
    for flags in (("app.py", "--4bit"), ("-m", "benchmarks.pubmedqa", "--dtype", "float32")):
        done = command(*flags, *server, home=tmp_path)
        assert done.returncode == 2
        assert "--server: --" in done.stderr
        assert done.stderr.count("\n") == 1
