"""Pictures of the tabs for the README, with `smollm2`: `make screenshots`.

With `--all` also at 390 px and in dark, to look at before a release.
"""

from __future__ import annotations

import argparse
import itertools
import tempfile
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

from tests.browser.conftest import launch
from tests.serving import serve

WAIT = 300_000


def chat(page: Page) -> None:
    page.locator("#chat-message textarea").fill(
        "I have a bad cold for three days now. What should I do?"
    )
    page.locator("#chat-send").click()
    answer = page.locator("#chat-log [data-testid=bot]")
    answer.wait_for(timeout=WAIT)
    before = ""
    while before != (before := answer.inner_text()):
        page.wait_for_timeout(3000)


def compare(page: Page) -> None:
    page.get_by_role("tab", name="Compare").click()
    page.locator("#compare-start").click()
    for i in range(3):
        page.locator(f"#compare-rate-{i}").get_by_text("finished").wait_for(timeout=WAIT)
    page.locator("#compare-column-2 .receipt").wait_for(timeout=WAIT)


def why(page: Page) -> None:
    compare(page)
    page.locator("#compare-why input").click()
    tokens = page.locator("#compare-column-2 .token")
    parting = page.locator("#compare-column-2 .parts-here")
    (parting if parting.count() else tokens.first).click(timeout=WAIT)
    page.locator("#why-likely .likely").wait_for(timeout=WAIT)
    page.locator("#why-layers").click()
    page.wait_for_function(
        "(([a, b, c, d]) => a && a === b && c === d)(document.querySelector('#why-map .numbers')"
        "?.innerText.match(/\\d+/g) ?? [])",
        timeout=WAIT,
    )


def pubmedqa(page: Page) -> None:
    page.get_by_role("tab", name="PubMedQA").click()
    page.locator("#pqa-start").click()
    page.locator("#pqa-summary").get_by_text("32 of 32").wait_for(timeout=WAIT)
    page.locator("#pqa-table [data-row='1'][data-col='1']").click()
    page.locator("#pqa-detail table").wait_for(timeout=WAIT)
    page.wait_for_timeout(500)


def model(page: Page) -> None:
    page.get_by_role("tab", name="Model").click()
    page.locator("#model h3").first.wait_for(timeout=WAIT)


def shoot(browser: Browser, url: str, output: Path, width: int, dark: bool) -> None:
    """One picture a tab; light and wide ones carry the plain name."""
    suffix = ("" if width == 1280 else f"-{width}") + ("-dark" if dark else "")
    for tab in (chat, compare, why, pubmedqa, model):
        context = browser.new_context(viewport={"width": width, "height": 860})
        page = context.new_page()
        page.goto(url + ("?__theme=dark" if dark else "?__theme=light"))
        page.locator("#status").get_by_text("Ready", exact=True).wait_for(timeout=WAIT)
        tab(page)
        page.evaluate("window.scrollTo(0, 0)")
        page.wait_for_timeout(200)
        page.screenshot(path=output / f"{tab.__name__}{suffix}.png", full_page=True)
        context.close()


def main() -> None:
    parser = argparse.ArgumentParser(description="Take pictures of the tabs.")
    parser.add_argument("--output", type=Path, required=True, metavar="DIR")
    parser.add_argument("--all", action="store_true", help="also 390 px wide, and dark")
    args = parser.parse_args()
    args.output.mkdir(parents=True, exist_ok=True)
    looks = itertools.product((1280, 390), (False, True)) if args.all else [(1280, False)]
    with (
        tempfile.TemporaryDirectory() as home,
        serve(Path(home), "--model", "smollm2", "--questions", "embedded") as app,
        sync_playwright() as playwright,
    ):
        browser = launch(playwright)
        for width, dark in looks:
            shoot(browser, app.url, args.output, width, dark)


if __name__ == "__main__":
    main()
