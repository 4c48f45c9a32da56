"""The page in two languages: the browser's decides, a switch overrides it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from hera.safety import assess
from hera.ui.words import LANGUAGES
from tests.serving import App

ENGLISH, SPANISH = LANGUAGES["en"], LANGUAGES["es"]


@pytest.fixture
def spanish(app: App, browser: Browser) -> Iterator[Page]:
    """A browser that prefers Spanish, on a phone."""
    context = browser.new_context(viewport={"width": 390, "height": 844}, locale="es-MX")
    page = context.new_page()
    page.goto(app.url)
    page.locator("#status").get_by_text("SmolLM2").or_(
        page.locator("#status").get_by_text("embedded")
    ).first.wait_for(timeout=90_000)
    yield page
    context.close()


def test_what_is_shown_built_and_said_is_in_the_browsers_language(spanish: Page) -> None:
    page = spanish
    expect(page.locator("html")).to_have_attribute("lang", "es")
    for words in (SPANISH.chat.tab, SPANISH.compare.tab):
        expect(page.get_by_role("tab", name=words, exact=True)).to_be_visible()
    message = "I want to kill myself"
    page.locator("#chat-message textarea").fill(message)
    page.locator("#chat-send").click()
    notice = page.locator("#chat-notice .notice.crisis")
    expect(notice).to_contain_text(assess(message, "es").notice.split("**")[1])
    page.get_by_role("tab", name=SPANISH.compare.tab, exact=True).click()
    page.locator("#compare-message textarea").fill("")
    page.locator("#compare-start").click()
    expect(page.get_by_text(SPANISH.errors.empty_message)).to_be_visible()
    expect(page.get_by_text(ENGLISH.errors.empty_message)).to_have_count(0)


def test_the_switch_is_remembered_and_keeps_the_rest_of_the_address(
    spanish: Page, app: App
) -> None:
    page = spanish
    page.goto(f"{app.url}?__theme=dark")
    page.locator("#acts a[hreflang=en]").click()
    expect(page.get_by_role("tab", name=ENGLISH.compare.tab, exact=True)).to_be_visible()
    expect(page.locator("html")).to_have_attribute("lang", "en")
    assert "__theme=dark" in page.url
    page.goto(app.url)
    expect(page.get_by_role("tab", name=ENGLISH.compare.tab, exact=True)).to_be_visible()
    page.goto(f"{app.url}?lang=es")
    expect(page.get_by_role("tab", name=SPANISH.compare.tab, exact=True)).to_be_visible()
