"""The app behind a reverse proxy, below a path of its own: for the browser and for clients."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from gradio_client import Client
from playwright.sync_api import Browser, ConsoleMessage, Request, Response, expect

from tests.browser.ready import ready
from tests.proxy import Proxy, behind_a_proxy
from tests.serving import serve


@pytest.fixture(scope="module")
def proxy(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Proxy]:
    with (
        serve(tmp_path_factory.mktemp("home"), "--root-path", "/hera/") as app,
        behind_a_proxy(app.url, "/hera") as proxy,
    ):
        yield proxy


def test_the_page_and_all_that_it_asks_for(proxy: Proxy, browser: Browser) -> None:
    context = browser.new_context()
    page = context.new_page()
    asked: list[str] = []
    wrong: list[str] = []

    def note_request(request: Request) -> None:
        asked.append(request.url)

    def note_failure(request: Request) -> None:
        # The page itself ends these: it asks again after four seconds, where the machine is busy,
        # and closes its stream of events once all are there.
        own = request.url.endswith("/alive") or "/queue/data?" in request.url
        if not own or request.failure != "net::ERR_ABORTED":
            wrong.append(f"{request.url}: {request.failure}")

    def note_response(response: Response) -> None:
        if response.status >= 400:
            wrong.append(f"{response.url}: {response.status}")

    def note_console(message: ConsoleMessage) -> None:
        if message.type == "error":
            wrong.append(message.text)

    page.on("request", note_request)
    page.on("requestfailed", note_failure)
    page.on("response", note_response)
    page.on("console", note_console)
    page.goto(proxy.url)
    ready(page)
    page.locator("#chat-message textarea").fill("What are the signs of asthma?")
    page.locator("#chat-send").click()
    answer = page.locator("#chat-log [data-testid=bot]")
    expect(answer).to_contain_text(re.compile(r"\w+ \w+"), timeout=60_000)
    assert any("/assets/" in url and url.endswith(".js") for url in asked)
    assert [url for url in asked if not url.startswith((proxy.url, "data:", "blob:"))] == []
    assert wrong == []
    assert proxy.refused == []
    context.close()


def test_a_client_streams(proxy: Proxy) -> None:
    client = Client(proxy.url, verbose=False)
    flags = {"max_new_tokens": 64, "temperature": 0.0}
    parts = list(client.submit("What is asthma?", "stage2", api_name="/chat", **flags))
    assert len(set(parts)) > 1  # as it grows, not as a whole at its end
    assert parts[-1].startswith(parts[0])
    assert proxy.refused == []


def test_a_proxy_that_tells_its_own_name(proxy: Proxy, tmp_path: Path) -> None:
    """nginx sends the program's own address as the Host, unless it is told otherwise."""
    port = proxy.program.rstrip("/").rpartition(":")[2]
    with behind_a_proxy(proxy.program, "/hera", host=f"127.0.0.1:{port}") as other:
        client = Client(other.url, verbose=False)
        assert client.predict("Hello", max_new_tokens=2, temperature=0.0, api_name="/chat")
