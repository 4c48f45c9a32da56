"""The PubMedQA tab's run: watched, stopped and gone on with, filtered, drawn, saved, repeated."""

from __future__ import annotations

import json
import re
from pathlib import Path

from playwright.sync_api import Browser, Page, expect

from tests.browser.ready import typed
from tests.serving import App

SLOW = 120_000  # milliseconds
WIDER = "() => document.documentElement.scrollWidth - innerWidth"


def opened(browser: Browser, app: App, width: int, query: str) -> Page:
    page = browser.new_context(viewport={"width": width, "height": 900}).new_page()
    page.goto(f"{app.url}?{query}")
    page.locator("#tab-pubmedqa-button").wait_for(state="attached", timeout=SLOW)
    page.get_by_role("tab", name="PubMedQA").click()
    expect(page.locator("#pqa-start")).to_be_enabled(timeout=SLOW)
    return page


def ask(page: Page, count: int) -> None:
    typed(page.locator("#pqa-count input[type=number]"), str(count))
    page.locator("#pqa-start").click()


def downloaded(page: Page, button: str) -> str:
    with page.expect_download() as download:
        page.locator(button).click()
    return Path(download.value.path()).read_text(encoding="utf-8")


def test_a_run_is_stopped_gone_on_with_and_comes_out_the_same(app: App, browser: Browser) -> None:
    page = opened(browser, app, 1280, "lang=en&__theme=light")
    expect(page.locator("#pqa-filters")).to_be_hidden()
    ask(page, 64)
    summary, verdicts = page.locator("#pqa-summary"), page.locator("#pqa-verdicts li")
    expect(summary).to_contain_text(re.compile(r"[1-9]\d* of 64 questions scored"), timeout=SLOW)
    page.locator("#pqa-stop").click()
    page.locator("#pqa-resume").click(timeout=SLOW)
    expect(summary).to_contain_text("64 of 64 questions scored", timeout=SLOW)
    expect(page.locator("#pqa-resume")).to_be_hidden()
    stopped = json.loads(downloaded(page, "#pqa-download button"))
    assert not stopped["partial"]
    expect(page.locator("#pqa-live svg polyline")).to_have_count(3)
    expect(verdicts).to_have_count(3)
    expect(verdicts.first).to_contain_text("questions right that base got wrong")
    expect(verdicts.last).to_contain_text("cannot be told")
    ask(page, 64)
    rows = page.locator("#pqa-runs tbody tr")
    expect(rows).to_have_count(2, timeout=SLOW)
    expect(summary).to_contain_text("64 of 64 questions scored", timeout=SLOW)
    whole = json.loads(downloaded(page, "#pqa-download button"))
    for result in (stopped, whole):
        del result["seconds"], result["finished"]
    assert whole == stopped
    once, again = (row.inner_text().split("\t")[1:] for row in rows.all())
    assert once == again

    items = {name: variant["items"] for name, variant in whole["variants"].items()}
    base = {item["id"]: item["pred"] for item in items["base"]}
    changed = {i["id"] for name in items for i in items[name] if i["pred"] != base[i["id"]]}
    page.locator("#pqa-filter input").click()
    page.get_by_role("option", name="Changed by fine-tuning").click()
    shown = page.locator("#pqa-shown")
    expect(shown).to_have_text(f"{len(changed)} of 64 scored questions shown.")
    wanted = sorted(changed)[0]
    page.locator("#pqa-search").locator("input, textarea").fill(wanted)
    expect(shown).to_have_text("1 of 64 scored questions shown.")
    page.locator("#pqa-table [data-row='0'][data-col='1']").click()
    detail = page.locator("#pqa-detail")
    expect(detail.locator("h4").last).to_have_text(re.compile("[A-Z]+"))
    expect(detail.locator(".bar")).to_have_count(9)
    page.locator("#pqa-answer").click()
    expect(page.locator("#pqa-answers section")).to_have_count(3, timeout=SLOW)

    for kind, drawn in (("Reliability", ".ideal"), ("Risk and coverage", "polyline")):
        page.locator("#pqa-kind").get_by_text(kind, exact=True).click()
        expect(page.locator(f"#pqa-picture svg {drawn}")).to_have_count(3)
    report = downloaded(page, "#pqa-html")
    assert report.count("<svg") == 5
    assert all(word not in report for word in ("<script", "src=", "href="))
    assert f"| {wanted} |" in downloaded(page, "#pqa-md")
    page.context.close()


def test_on_a_phone_in_the_dark_in_spanish(app: App, browser: Browser) -> None:
    page = opened(browser, app, 390, "lang=es&__theme=dark")
    ask(page, 16)
    summary = page.locator("#pqa-summary")
    expect(summary).to_contain_text("Preguntas evaluadas, 16 de 16", timeout=SLOW)
    expect(page.locator("#pqa-verdicts")).to_contain_text("al revés")
    expect(page.locator("#pqa-live")).to_contain_text("Las preguntas van ordenadas por longitud")
    expect(page.locator("#pqa-shown")).to_have_text("Preguntas mostradas: 16 de las 16 evaluadas.")
    assert '<html lang="es">' in downloaded(page, "#pqa-html")
    for kind in ("Fiabilidad", "Riesgo y cobertura", "Confusión"):
        page.locator("#pqa-kind").get_by_text(kind, exact=True).click()
        expect(page.locator("#pqa-picture p").last).to_be_visible()
        assert page.evaluate(WIDER) <= 0
    page.context.close()
