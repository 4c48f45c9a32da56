"""What it forgot, on the screen: live, then named in words."""

from __future__ import annotations

import re
import time
from pathlib import Path

from playwright.sync_api import Page, expect

from hera.evaluation import records
from hera.evaluation.forgetting import KINDS, ForgotResult, forgot

LONG = 240_000  # milliseconds: 264 probes on a busy machine


def begin_again(page: Page) -> None:
    """Gradio drops a click on Start until the stopped batch has ended; then the table goes."""
    deadline = time.monotonic() + LONG / 1000
    while page.locator("#forgot-found tbody tr").count():
        assert time.monotonic() < deadline
        page.locator("#forgot-start").click()
        page.wait_for_timeout(500)


def test_what_every_variant_forgot(page: Page) -> None:
    page.get_by_role("tab", name="PubMedQA").click()
    view, found = page.locator("#forgot"), page.locator("#forgot-found")
    view.get_by_role("button", name="What it forgot").click()
    page.locator("#forgot-start").click()
    expect(found.locator("progress")).to_have_attribute("max", "264", timeout=LONG)
    expect(found.locator("tbody tr")).to_have_count(len(KINDS), timeout=LONG)
    expect(found.locator("td strong")).to_have_count(0)  # nothing is judged before the end
    page.locator("#forgot-stop").click()
    expect(found.locator("tbody tr")).to_have_count(len(KINDS))
    begin_again(page)
    expect(found.locator("td strong")).to_have_count(2 * len(KINDS), timeout=LONG)
    expect(found.locator("progress")).to_have_count(0)
    manner = found.get_by_role("row", name="the base's own manner").locator("td").last
    expect(manner).to_have_attribute("data-verdict", "lost")
    expect(manner).to_contain_text(re.compile(r"forgot\s*\+0\.\d\d \(\+0\.\d\d to \+0\.\d\d\)"))
    told = found.get_by_role("status").last
    expect(told).to_contain_text(re.compile("stage2 forgot something of: .*own manner"))
    with page.expect_download() as download:
        page.locator("#forgot-download button").click()
    file = records.read(Path(download.value.path()), ForgotResult)
    assert len(file.items) == file.data.n == 264
    assert not file.partial
    assert forgot(file.items, list(file.variants)).variants == file.variants
