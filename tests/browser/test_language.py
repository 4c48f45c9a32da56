"""The page in two languages: the browser's decides, a switch overrides it."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from hera.safety import assess
from hera.ui.words import LANGUAGES, Words
from tests.browser.ready import typed
from tests.browser.test_tabs import SLOW
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
    calls_for_a_country(page)
    page.get_by_role("tab", name=SPANISH.compare.tab, exact=True).click()
    typed(page.locator("#compare-message textarea"), "")
    page.locator("#compare-start").click()
    expect(page.get_by_text(SPANISH.errors.empty_message)).to_be_visible()
    expect(page.get_by_text(ENGLISH.errors.empty_message)).to_have_count(0)


def calls_for_a_country(page: Page) -> None:
    """By the browser's region; another one, once chosen, also at the next notice; and no model
    answers."""
    notice, log = page.locator("#chat-notice .notice"), page.locator("#chat-log")
    line = notice.locator("a[href='tel:8009112000']")
    expect(line).to_be_in_viewport()
    bot = log.locator("[data-testid=bot]")
    expect(bot).to_contain_text("ningún modelo le responde")
    expect(log.locator(".numbers").last).to_have_text(SPANISH.talk.held)
    expect(log.locator("[data-act=ask], [data-act=retry]")).to_have_count(0)
    notice.locator("select").select_option("CL")
    expect(notice.locator("a[href='tel:*4141']")).to_be_visible()
    expect(line).to_have_count(0)
    expect(notice.locator(".here")).to_contain_text("llame al 131 o al 133")
    notice.locator("select").select_option("")
    expect(notice.locator(".calls a")).to_have_count(0)
    expect(notice.locator(".anywhere")).to_contain_text("findahelpline.com")
    notice.locator("select").select_option("UY")
    page.locator("#chat-message textarea").fill("What is asthma?")
    page.locator("#chat-send").click()
    expect(bot.nth(1)).to_contain_text(re.compile(r"\w"), timeout=SLOW)
    expect(notice.locator("a[href='tel:08000767']")).to_be_visible()


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


# What a screen shows and what it says to ears.
READ = """() => [document.body.innerText,
  ...[...document.querySelectorAll("[aria-label], [title], [placeholder], [data-label]")].flatMap(
    part => ["aria-label", "title", "placeholder"].map(name => part.getAttribute(name) ?? ""))
].join("\\n").replace(/\\s+/g, " ")"""

UNFOLD = """() => document.querySelectorAll("button.label-wrap:not(.open)").forEach(
  fold => fold.offsetParent && fold.click())"""


def texts(words: object) -> Iterator[str]:
    """All of a language's."""
    if isinstance(words, str):
        yield words
    elif isinstance(words, dict | list | tuple):
        for part in words.values() if isinstance(words, dict) else words:
            yield from texts(part)


def pieces(words: Words) -> set[str]:
    """Its texts, cut at what is filled in and at marks of Markdown; the short ones say little."""
    cut = (re.split(r"\{[^}]*\}|[*`_\n]+", text) for text in texts(words.model_dump()))
    found = {piece.strip() for some in cut for piece in some}
    return {piece for piece in found if len(piece) >= 20 and " " in piece}


@pytest.mark.parametrize(
    ("width", "theme"), [(1280, "dark"), (390, "light")], ids=["1280-dark", "390-light"]
)
def test_no_screen_speaks_english_to_who_reads_spanish(
    app: App, browser: Browser, width: int, theme: str
) -> None:
    examples = {*ENGLISH.chat.examples, *ENGLISH.chat.embedded_examples}  # for models of English
    english, spanish = pieces(ENGLISH) - examples, pieces(SPANISH)
    context = browser.new_context(viewport={"width": width, "height": 844}, locale="es-ES")
    page = context.new_page()
    page.goto(f"{app.url}?__theme={theme}")
    page.locator("#status .ready").wait_for(timeout=90_000)
    page.locator("#chat-message textarea").fill("my mouth droops. What is asthma?")
    page.locator("#chat-send").click()
    expect(page.locator("#chat-log .numbers").last).to_contain_text(
        SPANISH.chat.finished, timeout=SLOW
    )
    read = page.evaluate(READ)
    for tab in ("compare", "pubmedqa", "model"):
        page.evaluate("tab => document.getElementById(`tab-${tab}-button`).click()", tab)
        start = {"compare": "#compare-start", "pubmedqa": "#pqa-start"}.get(tab)
        if start:
            page.locator(start).click()
        page.evaluate(UNFOLD)
        if tab == "compare":
            expect(page.locator("#compare-rate-2")).to_contain_text(
                SPANISH.compare.finished, timeout=SLOW
            )
        elif tab == "pubmedqa":
            page.locator("#pqa-table [data-row]").first.wait_for(timeout=SLOW)
        else:
            page.locator("#model h3").first.wait_for(timeout=SLOW)
        read += page.evaluate(READ)
    context.close()
    assert {piece for piece in english - spanish if piece in read} == set()
    assert len({piece for piece in spanish - english if piece in read}) > 60
