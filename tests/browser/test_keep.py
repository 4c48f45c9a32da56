"""A comparison that is kept: as a link that computes it again, and as files that need no HERA."""

from __future__ import annotations

import re
from pathlib import Path

from playwright.sync_api import Browser, Page, expect

from tests.browser.ready import longest, ready, typed
from tests.browser.test_tabs import SLOW, open_tab
from tests.serving import App

NAMES = ["base", "stage1", "stage2"]


def compared(page: Page) -> None:
    """Three short answers, drawn at 0.7 with a seed of their own."""
    open_tab(page, "Compare")
    settings = longest(page, "compare", 96)
    typed(settings.get_by_label("number input for Temperature"), "0.7")
    typed(settings.get_by_label("Seed"), "7")
    page.locator("#compare-start").click()
    for place in range(3):
        expect(page.locator(f"#compare-rate-{place}")).to_contain_text("tokens/s", timeout=SLOW)
    page.locator("#compare-column-2 .parts").wait_for(timeout=SLOW)  # all are scored
    page.locator("#keep").get_by_role("button").first.click()


def said(page: Page) -> list[str]:
    return [page.locator(f"#compare-answer-{k} .said").inner_text() for k in range(3)]


def saved(page: Page, button: str, folder: Path) -> Path:
    with page.expect_download() as download:
        page.locator(button).click()
    file = folder / download.value.suggested_filename
    download.value.save_as(file)
    return file


def opens(page: Page, file: Path) -> None:
    with page.expect_file_chooser() as chooser:
        page.locator("#keep-open").click()
    chooser.value.set_files(file)


def test_a_link_computes_again_and_says_where_it_is_another(
    page: Page, app: App, browser: Browser
) -> None:
    compared(page)
    answers = said(page)
    page.locator("#keep-make-link").click()
    box = page.locator("#keep-link textarea")
    expect(box).to_have_value(re.compile(rf"^{app.url}\?question=I\+have"), timeout=SLOW)
    link = box.input_value()
    assert "&tokens=96&" in link
    opened = browser.new_context(viewport={"width": 390, "height": 844}).new_page()
    opened.goto(f"{link}&__theme=dark")
    told = opened.locator("#compare-kept p")
    expect(told).to_have_text([f"{n}: the same to the token." for n in NAMES], timeout=SLOW)
    assert said(opened) == answers
    assert opened.locator("#compare-message textarea").input_value().startswith("I have a throb")
    assert opened.evaluate("document.documentElement.scrollWidth - window.innerWidth") <= 0
    other = list(link)
    at = link.rindex("&said=t") + len("&said=t") + 2 * 46  # the 47th token of stage2
    other[at] = "A" if link[at] != "A" else "B"
    opened.goto("".join(other))
    expect(told.nth(2)).to_contain_text("stage2: another from token 47 on, “at”.", timeout=SLOW)
    expect(told.nth(2)).to_contain_text("The weights are the same.")
    expect(told.nth(1)).to_have_text("stage1: the same to the token.")
    opened.goto(link.replace("tokens=96", "tokens=lots"))
    expect(opened.locator("#compare-kept")).to_contain_text("This link is broken")
    opened.context.close()


def test_files_open_without_hera_and_json_with_it(
    page: Page, browser: Browser, tmp_path: Path
) -> None:
    compared(page)
    answers = said(page)
    files = {kind: saved(page, f"#keep-{kind}", tmp_path) for kind in ("html", "md", "json", "png")}
    assert files["png"].read_bytes().startswith(b"\x89PNG")
    assert answers[2] in files["md"].read_text(encoding="utf-8")
    context = browser.new_context(offline=True, viewport={"width": 390, "height": 844})
    alone = context.new_page()
    asked: list[str] = []
    alone.on("request", lambda request: asked.append(request.url))
    alone.on("console", lambda message: asked.append(message.text))  # as what the policy forbids
    alone.goto(files["html"].as_uri())
    expect(alone.locator("section h2")).to_have_text(NAMES)
    token = alone.locator("section").nth(2).locator(".token.parts-here")
    token.focus()
    expect(token.locator(".told")).to_have_text(re.compile(r"Seek: .[\d,]+ against the base"))
    alone.locator("#colours").uncheck()
    expect(alone.locator("section .plain")).to_have_text(answers)
    assert alone.evaluate("document.documentElement.scrollWidth - window.innerWidth") <= 0
    assert asked == [files["html"].as_uri()]
    context.close()
    page.reload()
    ready(page, SLOW)
    open_tab(page, "Compare")
    page.locator("#keep").get_by_role("button").first.click()
    opens(page, files["json"])
    expect(page.locator("#compare-kept")).to_contain_text("nothing was computed")
    expect(page.locator("#compare-rate-2")).to_contain_text("finished")
    assert said(page) == answers
    page.locator("#compare-again").click()
    same = [f"{name}: the same to the token." for name in NAMES]
    expect(page.locator("#compare-kept p")).to_have_text(same, timeout=SLOW)
    picture = files["png"].with_suffix(".json")
    picture.write_bytes(files["png"].read_bytes())
    opens(page, picture)
    expect(page.locator("#compare-kept")).to_contain_text("cannot be read as JSON")
