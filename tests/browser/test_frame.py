"""What stands around the tabs: header, disclaimer, steps for newcomers, dark and light."""

from __future__ import annotations

from playwright.sync_api import Locator, Page, expect

from tests.browser.test_tabs import open_tab
from tests.serving import App

# What lies on top at the corners and the middle of the disclaimer.
UNCOVERED = """() => {
  const box = document.querySelector("#disclaimer").getBoundingClientRect();
  return [0.02, 0.5, 0.98].every(share => {
    const x = box.x + share * box.width, y = box.y + share * box.height;
    return document.elementFromPoint(x, y).closest("#disclaimer") !== null;
  });
}"""
LINES = "p => p.clientHeight / parseFloat(getComputedStyle(p).lineHeight)"


def bottom(part: Locator) -> float:
    """Where it ends, in pixels from the top of the window."""
    box = part.bounding_box()
    assert box is not None
    return box["y"] + box["height"]


def is_dark(page: Page) -> bool:
    return bool(page.evaluate("document.body.classList.contains('dark')"))


def test_the_steps_open_their_tabs_until_they_are_dismissed(page: Page) -> None:
    steps = page.locator("#steps")
    for name, tab in (("Compare", "Compare"), ("Measure", "PubMedQA"), ("Ask", "Chat")):
        steps.get_by_role("button", name=name).click()
        expect(page.get_by_role("tab", name=tab)).to_have_attribute("aria-selected", "true")
    steps.get_by_role("button", name="Do not show this again").click()
    expect(steps).to_be_hidden()
    page.reload()
    page.locator("#status").get_by_text("Ready", exact=True).wait_for()
    expect(page.get_by_role("tab", name="Chat")).to_be_visible()
    expect(steps).to_be_hidden()


def test_dark_is_remembered_and_an_address_goes_before(page: Page, app: App) -> None:
    assert not is_dark(page)
    page.get_by_role("button", name="Switch between light and dark").click()
    assert is_dark(page)
    page.reload()
    page.locator("#status").get_by_text("Ready", exact=True).wait_for()
    assert is_dark(page)
    page.goto(f"{app.url}?__theme=light")
    page.locator("#status").get_by_text("Ready", exact=True).wait_for()
    assert not is_dark(page)


def test_a_phone_shows_the_disclaimer_on_every_tab_and_leaves_room(page: Page) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    assert bottom(page.get_by_role("tablist")) <= 220
    page.locator("#steps").get_by_role("button", name="Do not show this again").click()
    assert bottom(page.get_by_role("tablist")) <= 190
    disclaimer = page.locator("#disclaimer")
    for tab in ("Chat", "Compare", "PubMedQA", "Model"):
        open_tab(page, tab)
        page.evaluate("window.scrollTo(0, 0)")
        expect(disclaimer).to_contain_text("Not a medical device.")
        assert page.evaluate(UNCOVERED)
        assert disclaimer.locator("p").evaluate(LINES) <= 2.1
        page.mouse.wheel(0, 3000)
        page.wait_for_timeout(300)
        assert bottom(disclaimer) < 0  # never over what is read
        expect(page.locator("#foot")).to_contain_text("Not a medical device")
        assert page.evaluate("document.documentElement.scrollWidth") <= 390
