"""The app on ZeroGPU, as far as a machine without a GPU can show it (see tests/zero_gpu.py)."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from urllib.parse import parse_qs, urlsplit

import pytest
from gradio_client import Client
from gradio_client.exceptions import AppError

from tests.serving import App, serve

GREEDY = {"max_new_tokens": 8, "temperature": 0.0}


@pytest.fixture(scope="module")
def zero(tmp_path_factory: pytest.TempPathFactory) -> Iterator[App]:
    with serve(tmp_path_factory.mktemp("home"), program="tests/zero_gpu.py", start="fresh") as app:
        yield app


@pytest.fixture(scope="module")
def client(zero: App) -> Client:
    return Client(zero.url, verbose=False)


def scheduled(log: str) -> list[int]:
    """For how many seconds a GPU was asked for, each time."""
    paths = re.findall(r"^zero-gpu (\S*/schedule\S*)$", log, re.M)
    return [int(parse_qs(urlsplit(path).query)["durationSeconds"][0]) for path in paths]


def test_every_action_runs_where_a_gpu_is_lent(zero: App, client: Client) -> None:
    """Loaded for CUDA, forked, its arguments and results pickled, and the seconds as computed."""
    texts = list(client.submit("What is asthma?", "base", **GREEDY, api_name="/chat"))
    assert len(texts) > 1
    rows = client.predict("What is asthma?", ["base", "stage1"], **GREEDY, api_name="/compare")
    assert rows["base"]["text"] == texts[-1]
    assert rows["stage1"]["tokens"] == 8
    report = client.predict(["base", "stage1"], 2, 7, api_name="/pubmedqa")
    assert report["n"] == 2
    assert scheduled(zero.output()) == [16, 16, 16]  # 15 to start; 8 tokens; 2 questions, twice


def test_stopping_ends_the_work_and_the_next_request_is_served(zero: App, client: Client) -> None:
    before = zero.output().count("/release")
    job = client.submit(
        "What is gout?", "stage2", max_new_tokens=1024, temperature=2.0, api_name="/chat"
    )
    while not job.outputs():
        assert not job.done(), job.exception()
        time.sleep(0.02)
    began = time.monotonic()
    job.cancel()
    while zero.output().count("/release") == before:
        assert time.monotonic() - began < 5
        time.sleep(0.02)
    assert client.predict("Hello", "base", **GREEDY, api_name="/chat")


def test_an_error_there_is_one_clear_line_here(zero: App, client: Client) -> None:
    with pytest.raises(AppError, match="choose among base, stage1, stage2"):
        client.predict("Hi", "stage9", **GREEDY, api_name="/chat")
    asked = len(scheduled(zero.output()))
    with pytest.raises(AppError, match="empty: write something"):
        client.predict(" ", ["base"], **GREEDY, api_name="/compare")
    assert len(scheduled(zero.output())) == asked  # nothing was lent for it
    assert "hera.errors" not in zero.output()


def test_who_finds_the_queue_full_is_told(client: Client) -> None:
    long = {"max_new_tokens": 1024, "temperature": 2.0, "api_name": "/chat"}
    jobs = [client.submit("What is gout?", "stage2", **long)]
    while not jobs[0].outputs():
        assert not jobs[0].done(), jobs[0].exception()
        time.sleep(0.02)
    jobs.append(client.submit("What is gout?", "stage2", **long))
    while jobs[1].status().rank is None:
        assert not jobs[1].done(), jobs[1].exception()
        time.sleep(0.02)
    with pytest.raises(AppError, match=r"HERA is busy with \d visitor"):
        client.predict("Hello", "base", **GREEDY, api_name="/chat")
    for job in jobs:
        job.cancel()
