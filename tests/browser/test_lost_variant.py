"""A variant that loses its numbers in the middle of an answer: Compare says so in its column, and
the others finish; so do `/compare` and its tool."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from gradio_client import Client
from gradio_client.exceptions import AppError
from playwright.sync_api import Browser, expect

from tests.api.test_mcp import asked, text
from tests.browser.ready import ready
from tests.browser.test_tabs import SLOW, greedy, open_tab
from tests.losing_app import AFTER
from tests.serving import App, serve

GREEDY = {"max_new_tokens": 12, "temperature": 0.0}
WHY = "stage1 gave scores that are no numbers: its weights overflow. Leave it out, or compute in"


@pytest.fixture(scope="module")
def losing(tmp_path_factory: pytest.TempPathFactory) -> Iterator[App]:
    with serve(tmp_path_factory.mktemp("losing"), program="tests/losing_app.py") as app:
        yield app


def test_endpoints_and_tools_say_which_variant_failed_and_why(losing: App) -> None:
    client, question = Client(losing.url, verbose=False), "What is asthma?"
    told = client.predict(question, **GREEDY, api_name="/compare")
    ends = {name: (row["finished"], row["tokens"]) for name, row in told.items()}
    assert ends == {"base": ("length", 12), "stage1": ("failed", AFTER), "stage2": ("length", 12)}
    assert told["stage1"]["error"].startswith(WHY)
    assert told["base"]["error"] is told["stage2"]["error"] is None
    alone = client.predict(question, "stage2", **GREEDY, api_name="/chat")
    assert told["stage2"]["text"] == alone
    _, (tool,) = asked(losing, ("compare", {"message": question, **GREEDY}))
    assert json.loads(text(tool))["stage1"] | {"tokens_per_second": 0} == told["stage1"] | {
        "tokens_per_second": 0
    }
    with pytest.raises(AppError, match=WHY):
        client.predict(question, "stage1", **GREEDY, api_name="/chat")
    assert "Traceback" not in losing.output()


def test_compare_says_it_in_its_column_and_the_others_finish(
    losing: App, browser: Browser, tmp_path: Path
) -> None:
    page = browser.new_page(viewport={"width": 390, "height": 844})
    page.goto(f"{losing.url}?__theme=dark")
    ready(page)
    open_tab(page, "Compare")
    greedy(page, "compare", 96)
    page.locator("#compare-start").click()
    lost = page.locator("#compare-column-1")
    expect(lost.get_by_role("status")).to_contain_text(WHY, timeout=SLOW)
    expect(page.locator("#compare-rate-1")).to_contain_text(f"{AFTER} tokens")
    expect(page.locator("#compare-rate-1")).to_contain_text("broke off")
    expect(page.locator("#compare-rate-0")).to_contain_text("finished", timeout=SLOW)
    expect(page.locator("#compare-rate-2")).to_contain_text("finished", timeout=SLOW)
    # What is kept of it opens again, the line with it.
    expect(page.locator("#compare-column-2 .parts")).to_be_visible(timeout=SLOW)
    page.locator("#keep").get_by_role("button").first.click()
    with page.expect_download() as download:
        page.locator("#keep-json").click()
    download.value.save_as(tmp_path / "kept.json")
    with page.expect_file_chooser() as chooser:
        page.locator("#keep-open").click()
    chooser.value.set_files(tmp_path / "kept.json")
    expect(page.locator("#compare-kept")).to_contain_text("file", timeout=SLOW)
    expect(lost.get_by_role("status")).to_contain_text(WHY)
    assert page.evaluate("document.documentElement.scrollWidth - window.innerWidth") <= 0
    page.close()
