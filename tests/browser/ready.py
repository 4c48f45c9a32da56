"""When a page can be used."""

from __future__ import annotations

from playwright.sync_api import Locator, Page, expect

_DRAWN = 400  # milliseconds


def ready(page: Page, timeout: float = 90_000) -> None:
    """Wait until the model is there, and what the page draws with that is drawn: Gradio lays it out
    anew, and a number that is typed within a tenth of a second of it is the old one again."""
    page.locator("#status").get_by_text("Ready", exact=True).wait_for(timeout=timeout)
    page.wait_for_timeout(_DRAWN)


def typed(field: Locator, value: str) -> None:
    """Fill a field, again where what was opened just now is laid out anew: Gradio writes a field's
    old value once more, some 30 ms after it has appeared."""
    for _ in range(5):
        field.fill(value)
        field.press("Tab")
        field.page.wait_for_timeout(_DRAWN)
        if field.input_value() == value:
            return
    expect(field).to_have_value(value)


def longest(page: Page, tab: str, tokens: int) -> Locator:
    """Open the settings of that tab's answers and let them be so long at the most; the settings."""
    settings = page.locator(f"#{tab}-settings")
    settings.get_by_role("button").first.click()
    typed(settings.get_by_label("number input for Longest answer"), str(tokens))
    return settings
