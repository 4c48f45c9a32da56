"""Blind trials as a visitor does them: nothing is named before the vote, and all stays here."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.ready import ready
from tests.browser.test_tabs import SLOW, open_tab
from tests.serving import App


@pytest.fixture(params=[(1280, "light"), (390, "dark")], ids=lambda way: f"{way[0]}-{way[1]}")
def blind(app: App, browser: Browser, request: pytest.FixtureRequest) -> Iterator[Page]:
    """The part unfolded, at a width and in a theme."""
    width, theme = request.param
    context = browser.new_context(viewport={"width": width, "height": 844})
    page = context.new_page()
    page.goto(f"{app.url}?__theme={theme}")
    unfold(page)
    yield page
    wide = page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
    context.close()
    assert wide <= 0  # nothing makes a phone scroll sideways


def unfold(page: Page) -> None:
    ready(page)
    open_tab(page, "Compare")
    page.locator("#blind > button").first.click()


def show_two(page: Page) -> None:
    """A trial, up to the ballot."""
    page.locator("#blind-start").click()
    expect(page.locator("#blind-ballot")).to_be_visible(timeout=SLOW)
    expect(page.locator("#blind-answers h3")).to_have_text(["Answer A", "Answer B"])
    expect(page.locator("#blind-told")).to_contain_text("which is better?")


def vote(page: Page, better: str, guess: str) -> None:
    page.locator("#blind-vote").get_by_label(better, exact=True).check()
    page.locator("#blind-guess").get_by_label(guess, exact=True).check()
    page.locator("#blind-changed").get_by_label("asks back").check()
    page.locator("#blind-cast").press("Enter")
    expect(page.locator("#blind-told").get_by_role("status")).to_contain_text("Your guess was")


def saved(page: Page) -> list[dict[str, object]]:
    with page.expect_download() as download:
        page.locator("#blind-save button").click()
    trials = json.loads(Path(download.value.path()).read_text(encoding="utf-8"))["trials"]
    assert isinstance(trials, list)
    return trials


def test_a_trial_is_judged_guessed_and_revealed_and_kept_here(blind: Page) -> None:
    page = blind
    page.locator("#blind-before-tell").get_by_label("mostly").check()
    page.locator("#blind-before-length").get_by_label("longer").check()
    show_two(page)
    expect(page.locator("#blind-before")).to_be_hidden()
    unseen = page.locator("#blind-answers")
    assert not re.search("stage|seed|token|#[0-9a-f]{6}", unseen.inner_html())
    expect(page.locator("#blind-share")).to_have_count(0)  # nobody collects votes here
    page.locator("#blind-cast").click()
    expect(page.locator(".toast-message-text")).to_contain_text("Say first which answer is better")
    vote(page, "A is better", "A")
    names = [h.removeprefix(f"Answer {s}: ") for h, s in zip(headings(page), "AB", strict=True)]
    right = names == ["stage2", "base"]
    told = page.locator("#blind-told")
    expect(told).to_contain_text(f"Your guess was {'right' if right else 'wrong'}.")
    expect(told).to_contain_text("A twin: both are" if names[0] == names[1] else "A is ")
    expect(page.locator("#blind-start")).to_be_focused()
    expect(page.locator("#blind-score")).to_contain_text(f"Right in {int(right)} of 1")
    page.locator("#blind-example").click()
    for _ in range(4):
        show_two(page)
        vote(page, "I cannot tell", "A twin: both are one variant")
    for question, answer in (("tell", "nearly always"), ("length", "shorter")):
        page.locator(f"#blind-after-{question}").get_by_label(answer, exact=True).check()
    learnt = page.locator("#blind-learnt").get_by_role("status")
    expect(learnt).to_contain_text("Before: mostly. Now: nearly always. You guessed right in")
    expect(learnt).to_contain_text("Before: longer. Now: shorter.")
    trials = saved(page)
    assert [(t["vote"], t["guess"], t["changed"]) for t in trials] == [
        ("a", "a", ["asks"]),
        *[("unclear", "twin", ["asks"])] * 4,
    ]
    score = page.locator("#blind-score").inner_text()
    page.reload()
    unfold(page)
    expect(page.locator("#blind-score")).to_have_text(score, use_inner_text=True)
    expect(page.locator("#blind-after-length").get_by_label("shorter")).to_be_checked()
    assert saved(page) == trials
    page.locator("#blind-forget").click()
    expect(page.locator("#blind-score")).to_contain_text("None yet")
    page.reload()
    unfold(page)
    expect(page.locator("#blind-score")).to_contain_text("None yet")
    expect(page.locator("#blind-save button")).to_have_count(0)
    expect(page.locator("#blind-before-tell").get_by_label("mostly")).not_to_be_checked()


def test_two_tabs_of_one_browser_keep_the_trials_of_both(app: App, browser: Browser) -> None:
    context = browser.new_context(viewport={"width": 1280, "height": 844})
    tabs = context.new_page(), context.new_page()
    for page in tabs:
        page.goto(app.url)
        unfold(page)
        expect(page.locator("#blind-score")).to_contain_text("None yet")
    for n, page in enumerate(tabs, 1):
        show_two(page)
        vote(page, "A is better", "A")
        for each in tabs:
            expect(each.locator("#blind-score")).to_contain_text(f"Guesses · trials: {n}")
    assert len(saved(tabs[0])) == 2
    tabs[1].reload()
    unfold(tabs[1])
    expect(tabs[1].locator("#blind-score")).to_contain_text("Guesses · trials: 2")
    tabs[0].locator("#blind-forget").click()
    for each in tabs:
        expect(each.locator("#blind-score")).to_contain_text("None yet")
    context.close()


def headings(page: Page) -> list[str]:
    return page.locator("#blind-answers h3").all_inner_texts()
