"""report.html of five kinds of run, on a phone too, and that it obeys nobody; the card of some."""

from __future__ import annotations

import copy
import json
import re
from pathlib import Path

import pytest
from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Browser, expect

from benchmarks import reads
from benchmarks.forgot import __main__ as forgot
from benchmarks.report import __main__ as report
from hera.push import __main__ as push
from hera.refs import EMBEDDED_DIR
from tests.browser.test_accessibility import AXE, LOOKS
from tests.doubles.results import QUALITY, SAFETY, VERDICTS

EVIL = "<img src=x onerror=alert(1)> [x](https://evil.test)"


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of runs by the commands, and of some written by hand, one with a strange name."""
    folder = tmp_path_factory.mktemp("runs")
    evil = copy.deepcopy(VERDICTS)
    evil["variants"][EVIL] = evil["variants"]["stage2"]
    for name, result in (("verdicts", evil), ("safety", SAFETY), ("quality", QUALITY)):
        (folder / name).mkdir()
        (folder / name / "results.json").write_text(json.dumps(result), encoding="utf-8")
    reads.main(["--limit", "2", "--output", str(folder / "reads")])
    forgot.main(["--limit", "1", "--output", str(folder / "forgot")])
    return folder


def test_the_card_says_whether_it_reads_and_what_it_forgot(
    runs: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    given = [flag for name in ("reads", "forgot") for flag in ("--results", str(runs / name))]
    push.main([str(EMBEDDED_DIR / "stage1"), "--to", "me/stage1", "--dry-run", *given])
    card = capsys.readouterr().out
    assert "results/reads.json" in card
    assert "Not measured" not in card
    assert "**Does it read the abstract?** It is not seen to read, Holm p = 1 (" in card
    assert "Measured with these weights, " in card
    assert re.search(
        r"\| everyday chat \| 1 \| \d+\.\d\d \| [+-]\d\.\d\d \|  \| cannot be told", card
    )


def test_the_page_of_all_runs(browser: Browser, runs: Path) -> None:
    given = [str(runs / name) for name in ("verdicts", "safety", "quality", "reads", "forgot")]
    report.main([*given, "--output", str(runs / "report")])
    file = runs / "report" / "report.html"
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
