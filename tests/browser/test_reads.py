"""Does it read? The view in the PubMedQA tab."""

from __future__ import annotations

import json
from pathlib import Path

from playwright.sync_api import Page, expect

from benchmarks import reads
from tests.browser.ready import typed

SLOW = 120_000  # milliseconds; a first run imports much and learns the bag of words


def test_who_reads_is_said_with_what_stands_beside_it(
    page: Page, foreign: list[str], tmp_path: Path
) -> None:
    page.get_by_role("tab", name="PubMedQA").click()
    page.locator("#reads").get_by_role("button").first.click()
    count = page.locator("#reads-count input[type=number]")
    typed(count, "12")
    expect(page.locator("#reads-picture")).to_be_hidden()  # no empty box of a plot
    page.locator("#reads-start").click()
    found = page.locator("#reads-found")
    expect(found).to_contain_text("of 48 readings scored", timeout=SLOW)
    expect(found.locator("details")).to_be_attached(timeout=SLOW)
    for name in ("base", "stage1", "stage2", "keyword rule", "bag of words"):
        expect(found.locator("thead")).to_contain_text(name)
    expect(found.locator("tbody tr")).to_have_count(10)
    for name in ("base", "stage1", "stage2"):
        expect(found).to_contain_text(f"{name} was not seen to read")  # 12 are too few to tell
    expect(found).to_contain_text("of 12 questions")
    found.locator("summary").click()
    expect(found.locator("ins").first).to_be_visible()
    expect(page.locator("#reads-picture img")).to_be_visible()
    with page.expect_download() as download:
        page.locator("#reads-download button").click()
    assert foreign == []
    reads.main(["--limit", "12", "--output", str(tmp_path / "run")])
    told, command = (
        json.loads(path.read_text(encoding="utf-8"))
        for path in (download.value.path(), tmp_path / "run" / "results.json")
    )
    for its_own in ("seconds", "finished"):
        del told[its_own], command[its_own]
    assert told == command
