"""Many visitors at once: nobody's work keeps another's answer waiting, nobody has more than a
share, who leaves takes nothing, and who is refused is told so politely."""

from __future__ import annotations

import json
import time
import uuid
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from hera.engine.turns import ROWS
from hera.ui.guard.places import AT_ONCE, AT_ONCE_UNNAMED
from tests.serving import App, serve

LONG: dict[str, Any] = {"max_new_tokens": 1024, "temperature": 2.0}  # too hot to end a turn soon


@pytest.fixture(scope="module")
def busy(tmp_path_factory: pytest.TempPathFactory) -> Iterator[App]:
    with serve(tmp_path_factory.mktemp("home"), "--metrics", start="fresh", HERA_QUEUE="1") as app:
        yield app


@pytest.fixture
def client(busy: App) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=busy.url, timeout=60, trust_env=False) as client:
        while client.get("health").json()["status"] == "loading":
            time.sleep(0.1)
        yield client
        until(lambda: not engine_of(client)["rows"])  # nothing is left for the next test


def chat(**given: Any) -> list[Any]:
    usual = {"max_new_tokens": 8, "temperature": 0.0, "top_p": 0.9, "seed": 0}
    return ["What is gout?", "stage2", [], *{**usual, **given}.values(), "", True]


def asked(client: httpx.Client, name: str, data: list[Any], session: str | None) -> httpx.Response:
    return client.post(
        f"gradio_api/call/{name}", json={"data": data, "session_hash": session}, headers=ENGLISH
    )


ENGLISH, SPANISH = {"accept-language": "en"}, {"accept-language": "es-MX"}


def said(client: httpx.Client, name: str, event: str) -> Generator[Any, None, None]:
    """What a call reports; leaving the loop is leaving the app."""
    with client.stream("GET", f"gradio_api/call/{name}/{event}") as stream:
        for line in stream.iter_lines():
            if line.startswith("data: ") and line != "data: null":
                yield json.loads(line[6:])[0]


def refusals(client: httpx.Client, event: str, n: int = 1) -> list[str]:
    """The lines with which so many calls of the event's session are refused."""
    found: list[str] = []
    with client.stream("GET", f"gradio_api/call/chat/{event}") as stream:
        for line in stream.iter_lines():
            if line.startswith("data: {"):
                found.append(json.loads(line[6:])["error"])
            if len(found) == n:
                break
    return found


def left(client: httpx.Client, events: list[str]) -> None:
    """Nobody listens to these calls any more."""
    for event in events:
        with client.stream("GET", f"gradio_api/call/chat/{event}"):
            pass


def engine_of(client: httpx.Client) -> dict[str, int]:
    lines = client.get("metrics").text.splitlines()
    told = (line.split() for line in lines if line.startswith("hera_engine_"))
    return {name.removeprefix("hera_engine_"): int(value) for name, value in told}


def until(met: Any, seconds: float = 30) -> None:
    began = time.monotonic()
    while not met():
        assert time.monotonic() - began < seconds
        time.sleep(0.05)


def test_a_chat_starts_within_a_few_steps_of_a_long_scoring(client: httpx.Client) -> None:
    """Counted in steps and scored batches, not in seconds; and a short scoring ends meanwhile."""
    with httpx.Client(base_url=client.base_url, timeout=60, trust_env=False) as scorer:
        long = asked(scorer, "pubmedqa", [["base"], 300, 1], None).json()["event_id"]
        running = said(scorer, "pubmedqa", long)
        first = next(running)
        before = engine_of(client)
        event = asked(client, "chat", chat(), None).json()["event_id"]
        answer = said(client, "chat", event)
        while not next(answer)["answer"]:
            pass
        after = engine_of(client)
        answer.close()
        # One batch may be at work, one may begin before the chat is asked for, one after its step.
        assert after["scored_total"] - before["scored_total"] <= 3
        assert after["steps_total"] - before["steps_total"] <= 8  # of its eight tokens
        short = asked(client, "pubmedqa", [["base"], 2, 1], None).json()["event_id"]
        assert [report["n"] for report in said(client, "pubmedqa", short)][-1] == 2
        assert first["n"] < 300
        running.close()


def test_who_leaves_takes_no_row_any_more(client: httpx.Client) -> None:
    """From the moment at which the line is closed; the step at work is made to its end."""
    taken = []
    for _ in range(3):
        event = asked(client, "chat", chat(**LONG), None).json()["event_id"]
        answer = said(client, "chat", event)
        while not next(answer)["answer"]:
            pass
        before = engine_of(client)
        assert before["rows"] == 1
        answer.close()
        until(lambda: not engine_of(client)["rows"])
        taken.append(engine_of(client)["steps_total"] - before["steps_total"])
    assert min(taken) <= 4, taken  # the closing takes its way over the network as well


def test_nobody_has_more_than_a_few_requests_and_a_full_app_says_so(client: httpx.Client) -> None:
    """Each is refused in a polite line of the caller's language, and may be sent again."""

    def long(session: str | None, language: dict[str, str] = ENGLISH) -> str:
        body = {"data": chat(**LONG), "session_hash": session}
        reply = client.post("gradio_api/call/chat", json=body, headers=language)
        return str(reply.json()["event_id"])

    mine = uuid.uuid4().hex
    own = [long(mine) for _ in range(AT_ONCE + 1)] + [long(mine, SPANISH)]
    other = asked(client, "chat", chat(), None).json()["event_id"]
    assert list(said(client, "chat", other))[-1]["answer"]  # while the first visitor's go on
    english, spanish = refusals(client, own[-1], 2)
    assert english.startswith(f"You have {AT_ONCE} requests under way already.")
    assert spanish.startswith(f"Ya tiene {AT_ONCE} peticiones en curso.")

    unnamed = [long(None) for _ in range(AT_ONCE_UNNAMED + 1)]
    assert refusals(client, unnamed[-1])[0].startswith(f"You have {AT_ONCE_UNNAMED} requests")
    others = [long(uuid.uuid4().hex) for _ in range(80)]
    (full,) = refusals(client, others[-1])
    assert full.startswith("HERA is busy with "), full
    assert full.endswith("Nothing is lost: send it again in 1 min."), full
    began = time.monotonic()
    left(client, [*unnamed[:-1], *others])
    assert client.get("health").status_code == 200
    assert time.monotonic() - began < 20  # who leaves holds up nobody, also who still waited


def test_who_waits_is_told_how_many_come_first(client: httpx.Client) -> None:
    others = [
        asked(client, "chat", chat(**LONG), uuid.uuid4().hex).json()["event_id"]
        for _ in range(ROWS + 2)
    ]
    until(lambda: engine_of(client)["waiting"] == 2)
    mine = asked(client, "chat", chat(), uuid.uuid4().hex).json()["event_id"]
    reports = said(client, "chat", mine)
    first = next(reports)
    assert (first["answer"], first["ahead"]) == ("", 2)
    left(client, others)
    assert list(reports)[-1]["answer"]


def test_memory_does_not_grow_with_sessions(busy: App, client: httpx.Client) -> None:
    """A session took 0.75 MB of descriptions for good."""

    def resident() -> int:
        status = Path(f"/proc/{busy.process.pid}/status").read_text(encoding="utf-8")
        return int(status.split("VmRSS:")[1].split()[0])

    def sessions(n: int) -> None:
        for _ in range(n):
            given = {"data": [], "session_hash": uuid.uuid4().hex}
            assert client.post("gradio_api/run/health", json=given).status_code == 200

    sessions(20)
    before = resident()
    sessions(60)
    assert resident() - before < 60 * 400  # KiB
