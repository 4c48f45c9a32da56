from __future__ import annotations

import shutil
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, Playwright, Request, expect, sync_playwright

from tests.browser.ready import ready
from tests.serving import App

# Where the page is waited for: a busy machine is slow, and nothing here is timed.
expect.set_options(timeout=20_000)

ARGUMENTS = ["--no-sandbox", "--disable-dev-shm-usage", "--disable-gpu"]


def launch(playwright: Playwright) -> Browser:
    """Debian's chromium where there is one, Playwright's own otherwise."""
    system = shutil.which("chromium")
    return playwright.chromium.launch(executable_path=system, args=ARGUMENTS)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        chromium = launch(playwright)
        yield chromium
        chromium.close()


@pytest.fixture
def foreign() -> list[str]:
    """Addresses that the page asked for outside the app."""
    return []


@pytest.fixture
def page(app: App, browser: Browser, foreign: list[str]) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    page = context.new_page()

    def note(request: Request) -> None:
        if not request.url.startswith((app.url, "data:", "blob:")):
            foreign.append(request.url)

    page.on("request", note)
    page.goto(app.url)
    ready(page)
    yield page
    context.close()
