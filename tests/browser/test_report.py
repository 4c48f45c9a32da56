"""report.html of five kinds of run: what it says, on a phone too, and that it obeys nobody."""

from __future__ import annotations

import copy
import json
from pathlib import Path

from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Browser, expect

from benchmarks import reads
from benchmarks.forgot import __main__ as forgot
from benchmarks.report import __main__ as report
from tests.browser.test_accessibility import AXE, LOOKS
from tests.doubles.results import QUALITY, SAFETY, VERDICTS

EVIL = "<img src=x onerror=alert(1)> [x](https://evil.test)"


def made(folder: Path) -> Path:
    """The file, of runs by the commands and of some written by hand, one with a strange name."""
    evil = copy.deepcopy(VERDICTS)
    evil["variants"][EVIL] = evil["variants"]["stage2"]
    for name, result in (("verdicts", evil), ("safety", SAFETY), ("quality", QUALITY)):
        (folder / name).mkdir()
        (folder / name / "results.json").write_text(json.dumps(result), encoding="utf-8")
    reads.main(["--limit", "2", "--output", str(folder / "reads")])
    forgot.main(["--limit", "1", "--output", str(folder / "forgot")])
    runs = [str(folder / name) for name in ("verdicts", "safety", "quality", "reads", "forgot")]
    report.main([*runs, "--output", str(folder / "report")])
    return folder / "report" / "report.html"


def test_the_page_of_all_runs(browser: Browser, tmp_path: Path) -> None:
    file = made(tmp_path)
    text = file.read_text(encoding="utf-8")
    assert "default-src 'none'; style-src 'unsafe-inline'; img-src data:" in text
    assert "<script" not in text
    assert "<img src=x" not in text
    assert 'href="http' not in text
    page = browser.new_context(bypass_csp=True).new_page()  # axe is a script
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(file.as_uri())
    links = page.get_by_role("navigation").get_by_role("link")
    expect(links).to_have_count(5)
    links.nth(3).click()
    expect(page.locator("#run-4")).to_be_in_viewport()
    expect(page.locator("#run-4 .plain")).to_contain_text("asked again without its abstract")
    expect(page.locator("#run-4")).to_contain_text("The gain of stage1 over base is")
    expect(page.locator("#run-5 .plain")).to_contain_text("stage1 forgot nothing for sure")
    expect(page.locator("#run-5 tbody tr")).to_have_count(10)
    expect(page.locator("#run-5")).to_contain_text("too few for an interval")
    expect(page.locator("#run-1 table").first).to_contain_text(EVIL)
    pictures = "pictures => pictures.every(p => p.complete && p.naturalWidth > 900)"
    assert page.locator("img").evaluate_all(pictures)
    page.evaluate(AXE_SCRIPT)
    for width, dark in LOOKS:
        page.set_viewport_size({"width": width, "height": 900})
        page.emulate_media(color_scheme="dark" if dark else "light")
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        assert page.evaluate(AXE) == []
    assert [url for url in asked if not url.startswith(("file:", "data:"))] == []
    page.context.close()
