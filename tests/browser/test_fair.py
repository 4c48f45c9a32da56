"""Fair prompts, on the screen: live, then in words, and every prompt to read."""

from __future__ import annotations

from pathlib import Path

from playwright.sync_api import Page, expect

from hera.evaluation import records
from hera.evaluation.fair_prompts import FairResult
from hera.evaluation.scoring import PROMPTS
from tests.browser.ready import typed

LONG = 240_000  # milliseconds: 80 readings on a busy machine


def test_variants_under_eight_prompts(page: Page, foreign: list[str]) -> None:
    page.get_by_role("tab", name="PubMedQA").click()
    view, found = page.locator("#fair"), page.locator("#fair-found")
    view.get_by_role("button", name="Fair prompts").click()
    count = page.locator("#fair-count input[type=number]")
    typed(count, "10")
    page.locator("#fair-prompts summary").click()
    expect(page.locator("#fair-prompts dt")).to_have_count(len(PROMPTS))
    expect(page.locator("#fair-prompts pre").first).to_contain_text("Abstract: {abstract}")
    page.locator("#fair-start").click()
    expect(found.locator("progress")).to_have_attribute("max", "80", timeout=LONG)
    expect(found).to_contain_text("8 questions are scored in all eight prompts", timeout=LONG)
    expect(found.locator(".verdicts")).to_have_count(0)  # nothing is compared before the end
    expect(found.locator(".verdicts li")).to_have_count(3, timeout=LONG)
    expect(found.locator("progress")).to_have_count(0)
    last = found.locator(".verdicts li").last  # ten questions tell nothing
    expect(last).to_contain_text("stage2 against stage1: better under 0 of 8 prompts")
    expect(last).to_contain_text("With each its own best prompt")
    expect(found.locator("svg")).to_have_count(4)
    expect(found.locator("svg").first.locator("circle")).to_have_count(3 * 9)
    expect(found.locator("tbody tr")).to_have_count(9)
    assert found.get_by_text("chosen by").count() >= 3
    with page.expect_download() as download:
        page.locator("#fair-download button").click()
    file = records.read(Path(download.value.path()), FairResult)
    assert file.n == file.data.n == len(file.items) == 10
    assert not file.partial
    assert foreign == []
