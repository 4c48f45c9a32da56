"""Who is let in: by the name that the app is asked for, and by a password where it wants one."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest
from gradio_client import Client
from mcp import ClientSession
from mcp.client.streamable_http import streamable_http_client

from tests.serving import App, serve

NAME, PASSWORD = "ana", "cörrect-horse-7"
RIGHT = httpx.BasicAuth(NAME.encode(), PASSWORD.encode())
CLOSED = (
    *(("GET", path) for path in ("", "config", "gradio_api/info", "gradio_api/mcp/", "card.png")),
    ("POST", "gradio_api/queue/join"),
    ("POST", "gradio_api/call/chat"),
    ("POST", "gradio_api/upload"),
    ("POST", "login"),
)


@pytest.fixture(scope="module")
def locked(tmp_path_factory: pytest.TempPathFactory) -> Iterator[App]:
    flags = ("--allow-host", "hera.example.org", "--allow-host", "*.demos.example.org", "--log")
    home, auth = tmp_path_factory.mktemp("locked"), f"{NAME}:{PASSWORD}"
    with serve(home, *flags, program="tests/failing_app.py", HERA_AUTH=auth) as app:
        yield app


def test_only_names_that_were_allowed_are_answered(locked: App) -> None:
    known = ("hera.example.org", "HERA.example.org:443", "a.demos.example.org", "127.0.0.1:1")
    with httpx.Client(base_url=locked.url, trust_env=False) as client:
        for name in known:
            assert client.get("health", headers={"Host": name}).status_code == 200, name
        for name in ("example.org", "demos.example.org", "hera.example.org.evil.org", "localhost"):
            reply = client.get("health", headers={"Host": name})
            assert (reply.status_code, "--allow-host" in reply.text) == (400, True), name


def test_nothing_but_what_watches_over_it_is_had_without_the_password(locked: App) -> None:
    with httpx.Client(base_url=locked.url, trust_env=False) as client:
        for method, path in CLOSED:
            reply = client.request(method, path)
            assert reply.status_code == 401, path
            assert reply.headers["WWW-Authenticate"].startswith("Basic ")
            assert reply.json() == {"error": "This app wants a name and a password."}
        assert client.get("health").status_code == 200
        assert client.get("alive").status_code == 200
        assert client.get("", auth=RIGHT).status_code == 200


def test_programs_and_assistants_come_in_with_it(locked: App) -> None:
    client = Client(locked.url, verbose=False, httpx_kwargs={"auth": RIGHT})
    said = client.predict("Hello", "base", max_new_tokens=4, api_name="/chat")
    assert len(said.split()) == 4

    async def tools() -> int:
        async with (
            httpx.AsyncClient(auth=RIGHT) as http,
            streamable_http_client(f"{locked.url}gradio_api/mcp/", http_client=http) as (r, w, _),
            ClientSession(r, w) as session,
        ):
            await session.initialize()
            return len((await session.list_tools()).tools)

    with ThreadPoolExecutor() as aside:  # where no browser's loop runs
        assert aside.submit(asyncio.run, tools()).result() > 10


def test_wrong_ones_are_slow_few_and_in_no_log(locked: App) -> None:
    def guess(number: int) -> tuple[int, float]:
        began = time.monotonic()
        reply = httpx.get(locked.url, auth=(NAME, f"guess-{number}"), trust_env=False)
        return reply.status_code, time.monotonic() - began

    with ThreadPoolExecutor(10) as crowd:
        guesses = list(crowd.map(guess, range(10)))
    assert {status for status, _ in guesses} == {401}
    assert min(seconds for _, seconds in guesses) >= 1
    reply = httpx.get(locked.url, auth=RIGHT, trust_env=False)
    assert (reply.status_code, reply.headers["Retry-After"]) == (429, "60")
    assert httpx.get(f"{locked.url}health", trust_env=False).status_code == 200
    log = locked.output()
    assert PASSWORD not in log
    assert "guess-" not in log
    assert "Traceback" not in log
