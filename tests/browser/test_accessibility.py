"""axe-core over every tab, wide and light or narrow and dark, the keyboard, and the line that is
read out.

As a command it counts what axe-core finds at an address, by rule, whatever its weight:

    .venv/bin/python -m tests.browser.test_accessibility http://127.0.0.1:7860/
"""

from __future__ import annotations

import re
import sys
from collections import Counter
from collections.abc import Iterator

from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Page, expect, sync_playwright

from tests.browser.conftest import launch
from tests.browser.ready import ready, typed
from tests.browser.test_tabs import SLOW, greedy, open_tab, send

LOOKS = (
    (1280, False),
    (390, True),
)  # a colour is no other where it is narrow, and a width not in the dark
AXE = """axe.run(document, {resultTypes: ["violations"], preload: false, iframes: false})
  .then(found => found.violations.map(
    rule => [rule.id, rule.impact, rule.nodes.map(node => node.target.join(" "))]))"""
OPENED = ("compare-settings", "luck", "blind", "film", "keep", "methods")
FOCUSED = """() => {
  const it = document.activeElement, style = getComputedStyle(it);
  return [it.id || it.className || it.tagName, it.getAttribute("role"),
    style.outlineStyle === "none" ? 0 : parseFloat(style.outlineWidth)];
}"""


def screens(page: Page) -> Iterator[str]:
    """Every tab, with answers in it and its parts opened; what each state is called."""
    page.emulate_media(reduced_motion="reduce")  # a colour on its way is none that stays
    yield "Chat, as it opens"
    greedy(page, "chat", 8)
    send(page, "my mouth droops and I can't lift my arm")
    expect(page.locator("#said [role=status]")).to_have_text("Finished.", timeout=SLOW)
    yield "Chat, answered"
    open_tab(page, "Compare")
    page.locator("#compare-start").click()
    page.locator("#compare-column-2 .receipt").wait_for(timeout=SLOW)
    page.locator("#compare-why input").click()
    page.locator("#compare-column-2 .token").first.click()
    page.locator("#why-likely .likely").wait_for(timeout=SLOW)
    for part in OPENED:
        page.locator(f"#{part}").get_by_role("button").first.click()
    page.evaluate("document.querySelectorAll('details').forEach(part => { part.open = true; })")
    page.locator("#why-layers").click()
    page.locator("#blind-start").click()
    page.locator("#blind-told").get_by_text("Both answers are there").wait_for(timeout=SLOW)
    page.locator("#why-map td").first.wait_for(timeout=SLOW)
    yield "Compare, answered and opened"
    open_tab(page, "PubMedQA")
    yield "PubMedQA, as it opens"
    page.locator("#pqa-start").click()
    page.locator("#pqa-summary").get_by_text("32 of 32").wait_for(timeout=SLOW)
    page.locator("#pqa-table [data-row='1'][data-col='1']").click()
    page.locator("#pqa-detail table").wait_for(timeout=SLOW)
    page.locator("#own-abstract").get_by_role("button").first.click()
    page.locator("#own-start").click()
    page.locator("#own-shown .said").first.wait_for(timeout=SLOW)
    yield "PubMedQA, scored"
    for name, count in (("Reasoning", 4), ("Safety", 1), ("Answer quality", 1)):
        page.locator("#bench-picker").get_by_text(name, exact=True).click()
        column = page.locator(f"#{name.split()[-1].lower()}")
        typed(column.locator("[id$=-count] input[type=number]"), str(count))
        column.locator("[id$=-start]").click()
        column.locator("[id$=-summary] table").wait_for(timeout=SLOW)
        column.locator("[id$=-table] [data-row='0'][data-col='1']").click()
        column.locator("[id$=-detail] h3").first.wait_for(timeout=SLOW)
    yield "Every benchmark of the picker, scored"
    open_tab(page, "Model")
    page.locator("#model h3").first.wait_for(timeout=SLOW)
    page.evaluate("document.querySelectorAll('details').forEach(part => { part.open = true; })")
    yield "Model, opened"


def findings(page: Page) -> Iterator[tuple[str, str, str, list[str]]]:
    """What axe-core finds: where, rule, weight, elements."""
    page.evaluate(AXE_SCRIPT)
    for screen in screens(page):
        for width, dark in LOOKS:
            page.set_viewport_size({"width": width, "height": 900})
            page.evaluate("dark => document.body.classList.toggle('dark', dark)", dark)
            page.wait_for_timeout(150)
            where = f"{screen}, {width} px, {'dark' if dark else 'light'}"
            yield from ((where, *rule) for rule in page.evaluate(AXE))
        page.set_viewport_size({"width": 1280, "height": 900})
        page.evaluate("document.body.classList.remove('dark')")


def test_axe_finds_nothing_serious_on_any_tab(page: Page) -> None:
    found = [each for each in findings(page) if each[2] in ("serious", "critical")]
    assert found == []


def test_all_is_reached_by_keyboard_and_seen(page: Page) -> None:
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to the content")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("#tab-chat")).to_be_focused()
    page.get_by_role("tab", name="Chat").focus()
    for key, name in (("ArrowRight", "Compare"), ("End", None), ("ArrowRight", "Chat")):
        page.keyboard.press(key)
        if name:
            expect(page.get_by_role("tab", name=name)).to_be_focused()
            expect(page.get_by_role("tab", name=name)).to_have_attribute("aria-selected", "true")
    expect(page.locator("[role=tab][tabindex='0']")).to_have_count(1)
    stops: list[str] = []
    while len(stops) < 80 and "show-api" not in (stops or [""])[-1]:
        page.keyboard.press("Tab")
        name, role, ring = page.evaluate(FOCUSED)
        assert role != "tab", "one tab is a stop, and it was left"
        assert ring >= 2, f"{name} has the focus, and nobody sees it"
        stops.append(name)
    assert "show-api" in stops[-1], f"the keyboard is caught: {stops}"


def test_one_line_says_how_a_run_ended(page: Page) -> None:
    said = page.locator("#said [role=status]")
    own = "[aria-live=polite]:not(.sr-only)"  # Gradio's own line is the other
    expect(page.locator(own)).to_have_count(1)
    page.locator("#chat-send").click()
    expect(said).to_have_text("That did not work.")
    greedy(page, "chat", 8)
    send(page, "What is gout?")
    expect(said).to_have_text("Finished.", timeout=SLOW)
    open_tab(page, "PubMedQA")
    typed(page.locator("#pqa-count input[type=number]"), "500")
    page.locator("#pqa-start").click()
    expect(page.locator("#pqa-summary")).to_contain_text(re.compile("of 500"), timeout=SLOW)
    page.locator("#pqa-stop").click()
    expect(said).to_have_text("Stopped.")
    page.wait_for_timeout(2000)
    expect(said).to_have_text("Stopped.")


def main(url: str) -> None:
    """Print how many elements each rule names, in all looks together."""
    counted: Counter[tuple[str, str]] = Counter()
    with sync_playwright() as playwright:
        page = launch(playwright).new_page(viewport={"width": 1280, "height": 900})
        page.goto(url)
        ready(page, SLOW)
        for _, rule, weight, elements in findings(page):
            counted[weight, rule] += len(elements)
    for (weight, rule), count in sorted(counted.items()):
        print(f"{weight:10} {rule:32} {count}")


if __name__ == "__main__":
    main(sys.argv[1])
