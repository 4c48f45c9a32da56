"""The Compare tab beyond its columns' first answers: which columns, where they part, and why."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.ready import ready
from tests.browser.test_tabs import SLOW, greedy, open_tab
from tests.serving import App

EVERY = [(1280, "light"), (390, "dark")]


@pytest.fixture(params=EVERY, ids=lambda way: f"{way[0]}-{way[1]}")
def shown(app: App, browser: Browser, request: pytest.FixtureRequest) -> Iterator[Page]:
    """The tab at a width and in a theme."""
    width, theme = request.param
    context = browser.new_context(viewport={"width": width, "height": 844})
    page = context.new_page()
    page.goto(f"{app.url}?__theme={theme}")
    ready(page)
    open_tab(page, "Compare")
    yield page
    wide = page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
    context.close()
    assert wide <= 0  # nothing makes a phone scroll sideways


def answered(page: Page, columns: int) -> None:
    for place in range(columns):
        expect(page.locator(f"#compare-rate-{place}")).to_contain_text("finished", timeout=SLOW)


def names(page: Page) -> list[str]:
    return page.locator("#compare-columns h3").all_inner_texts()


def act(page: Page, label: str) -> None:
    page.locator("#compare-columns").get_by_role("button", name=label, exact=True).click()


def test_why_an_answer_differs(shown: Page) -> None:
    page = shown
    greedy(page, "compare", 96)
    page.locator("#compare-start").click()
    answered(page, 3)
    parts = page.locator("#compare-column-2 .parts")
    expect(parts).to_contain_text("where the base ends its turn: takes “Seek”", timeout=SLOW)
    receipt = page.locator("#compare-column-2 .receipt")
    receipt.locator("summary").click()
    for line in (
        "stage2 · strength 1 · ‖ΔW‖/‖W‖ 0.",
        "Checked: all ",
        "nats a token from the base",
        "checks passed",
    ):
        expect(receipt).to_contain_text(line)
    page.get_by_label("Colour every token").check()
    expect(page.locator("#compare-legend")).to_be_visible()
    token = page.locator("#compare-column-2 .token.parts-here")
    expect(token).to_have_attribute("aria-label", re.compile(r"Seek: .+ against the base \(0\."))
    token.press("Enter")
    likely = page.locator("#why-likely")
    expect(likely.locator("h4")).to_have_text(["stage2", "base", "stage1"], timeout=SLOW)
    expect(likely.locator("section").nth(1).locator("li").first).to_contain_text("<end_of_turn>")
    page.locator("#why-drive").click()
    driven = page.locator("#why-driven .said")
    expect(driven).to_have_text(page.locator("#compare-answer-0 .said").inner_text(), timeout=SLOW)
    page.locator("#why-layers").click()
    expect(page.locator("#why-map")).to_contain_text("42 of 42 parts · 3 of 3 random", timeout=SLOW)
    expect(page.locator("#why-map tbody tr")).to_have_count(8)
    expect(page.locator("#why-map td[title*='random adapters: ']")).to_have_count(13)
    page.locator("#compare-words button").first.click()
    added = page.locator("#compare-words-told ins")
    expect(added.first).to_contain_text("Seek care at once")


def test_columns_are_chosen_moved_widened_and_gone_on_from(shown: Page) -> None:
    page = shown
    greedy(page, "compare", 12)
    box = page.locator("#compare-picker input")
    for name in ("stage2@0.5", "stage2~1"):
        box.fill(name)
        box.press("Enter")
    expect(page.locator("#compare-columns h3")).to_have_count(5)
    act(page, "Remove stage1")
    expect(page.locator("#compare-columns h3")).to_have_count(4)
    act(page, "Move stage2 to the left")
    expect(page.locator("#compare-columns h3").first).to_have_text("stage2")
    assert names(page) == ["stage2", "base", "stage2@0.5", "stage2~1"]
    act(page, "Widen base")
    expect(page.locator("#compare-column-1")).to_have_class("variant wide")
    page.locator("#compare-start").click()
    for place in range(4):
        expect(page.locator(f"#compare-rate-{place}")).to_contain_text("12 tokens", timeout=SLOW)
    picked = page.locator("#compare-answer-0 .said").inner_text()
    act(page, "All go on from the answer of stage2")
    pressed = page.locator("#compare-column-0").get_by_role("button", pressed=True)
    expect(pressed).to_have_count(1)
    page.locator("#compare-message textarea").fill("And if it gets worse?")
    page.locator("#compare-go-on").click()
    for place in range(4):
        before = page.locator(f"#compare-column-{place} .earlier")
        expect(before.locator("summary")).to_have_text("2 messages before", timeout=SLOW)
        expect(before.locator(".bot")).to_have_text(picked)


def test_what_is_no_variant_is_said(page: Page) -> None:
    open_tab(page, "Compare")
    picker = page.locator("#compare-picker")
    for _ in range(
        5
    ):  # a tab that was opened just now may be laid out anew, without what was typed
        picker.locator("input").fill("stage2@9")
        picker.locator("input").press("Enter")
        page.wait_for_timeout(400)
        if picker.get_by_text("stage2@9", exact=True).count():
            break
    page.locator("#compare-start").click()
    expect(page.locator(".toast-message-text")).to_contain_text("Give 0 to 1.5 behind the @")


def test_many_draws_say_whether_it_was_luck(page: Page) -> None:
    open_tab(page, "Compare")
    page.locator("#luck button").first.click()
    page.locator("#luck-start").click()
    found = page.locator("#luck-found")
    expect(found).to_contain_text("16 of 16 draws", timeout=SLOW)
    expect(found).to_contain_text("16 draws do not tell stage1 from base")
    expect(found).to_contain_text("stage2 differs from base in: asks back")
    expect(found.locator("tbody tr")).to_have_count(6)
