"""Your own abstract: which sentences moved the answers, one deleted or negated, and where variants
differ; wide and light in English, narrow and dark in Spanish."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from gradio_client import Client
from playwright.sync_api import Browser, Page, expect

from tests.browser.ready import typed
from tests.browser.test_looks import CONTRAST
from tests.browser.test_tabs import SLOW
from tests.serving import App

COLOURED = "#own-abstract :is(.said, .chip, .own-legend span, .own-note, td, th, h4, button)"


@pytest.fixture
def opened(app: App, browser: Browser) -> Iterator[Page]:
    """At 1280 px, the view unfolded."""
    page = browser.new_context(viewport={"width": 1280, "height": 900}).new_page()
    yield unfolded(page, f"{app.url}?lang=en")
    page.context.close()


def unfolded(page: Page, address: str) -> Page:
    page.goto(address)
    page.locator("#status .state:not(.loading)").wait_for(timeout=2 * SLOW)
    page.get_by_role("tab", name="PubMedQA").click()
    page.locator("#own-abstract").get_by_role("button").first.click()
    return page


def answered(page: Page) -> None:
    page.locator("#own-start").click()
    page.locator("#own-shown .said").first.wait_for(timeout=SLOW)


def test_sentences_are_coloured_deleted_negated_and_back(opened: Page, app: App) -> None:
    page, shown = opened, opened.locator("#own-shown")
    answered(page)
    text = page.locator("#own-text textarea").input_value()
    question = page.locator("#own-question textarea, #own-question input").first.input_value()
    client = Client(app.url, verbose=False)
    told = client.predict(text, question, api_name="/own_abstract")
    assert len(told["sentences"]) == 8
    expect(shown.locator(".said")).to_have_text(told["sentences"])
    worth = told["variants"]["stage1"]["worths"][5]
    expect(shown.locator("li").nth(5)).to_contain_text(f"stage1 {worth:+.2f}")
    assert page.evaluate(CONTRAST, COLOURED)["contrast"] >= 4.5
    said = shown.get_by_role("status")
    shown.get_by_role("button", name="Negate sentence 6").press("Enter")
    expect(said).to_contain_text("Sentence 6 is negated. base: ", timeout=SLOW)
    expect(shown.locator(".said").nth(5)).to_have_text(told["negated"][5], timeout=SLOW)
    expect(shown.locator(".own-answers")).to_contain_text("as pasted")
    shown.get_by_role("button", name="Undo").click()
    expect(shown.locator(".said")).to_have_text(told["sentences"], timeout=SLOW)
    expect(shown.locator(".own-answers")).not_to_contain_text("as pasted")
    shown.get_by_role("button", name="Negate sentence 1").click()
    expect(said).to_contain_text("No rule is sure how to negate sentence 1", timeout=SLOW)
    shown.get_by_role("button", name="stage1", exact=True).click()
    pressed = shown.locator("[aria-pressed=true]")
    expect(pressed).to_have_text("stage1")
    shown.get_by_role("button", name="Delete sentence 1").click()
    expect(shown.locator(".said")).to_have_text(told["sentences"][1:], timeout=SLOW)
    page.locator("#own-edits").click()
    found = page.locator("#own-found")
    found.locator(".act").first.wait_for(timeout=SLOW)
    found.locator(".act").first.click()
    expect(said).to_contain_text("One word of sentence", timeout=SLOW)
    assert page.locator("#own-text textarea").input_value() != text
    page.locator("#own-text textarea").fill("Rest helps. " * 61)
    page.locator("#own-start").click()
    expect(page.locator(".toast-body")).to_contain_text("has 61 sentences: give at most 60")


def test_on_a_phone_in_the_dark_in_spanish(app: App, browser: Browser) -> None:
    page = browser.new_context(viewport={"width": 390, "height": 844}).new_page()
    unfolded(page, f"{app.url}?__theme=dark&lang=es")
    typed(page.locator("#own-text textarea"), "El sueño era mejor. Pain was lower after walking.")
    answered(page)
    expect(page.locator("#own-shown .said")).to_have_count(2)
    assert page.evaluate(CONTRAST, COLOURED)["contrast"] >= 4.5
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    page.get_by_role("button", name="Borrar la frase 1").click()
    shown = page.locator("#own-shown")
    expect(shown.get_by_role("status")).to_contain_text("La frase 1 está borrada.", timeout=SLOW)
    expect(shown.locator(".said")).to_have_text(["Pain was lower after walking."], timeout=SLOW)
    shown.get_by_role("button", name="Borrar la frase 1").click()
    expect(shown.get_by_role("status")).to_contain_text("la única frase", timeout=SLOW)
    page.locator("#own-find").click()
    found = page.locator("#own-found")
    expect(found.get_by_role("status")).to_contain_text("48 de 48", timeout=SLOW)
    taken = found.locator("li p").first.inner_text()
    found.locator(".act").first.click()
    box = page.locator("#own-question textarea, #own-question input").first
    expect(box).to_have_value(taken)
    page.context.close()
