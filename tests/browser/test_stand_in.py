"""The page while it waits for a Hub that never answers, and what stands in then."""

from __future__ import annotations

import re
from pathlib import Path

from playwright.sync_api import Browser, expect

from hera.ui.words import WORDS
from tests.doubles import packages
from tests.serving import serve, silent_hub


def test_the_page_shows_the_model_that_stands_in(browser: Browser, tmp_path: Path) -> None:
    with (
        silent_hub() as hub,
        serve(tmp_path, HERA_MODEL="", PYTHONPATH=packages.none(tmp_path), **hub) as app,
    ):
        page = browser.new_page()
        page.goto(app.url)
        status, examples = (
            page.locator("#status"),
            page.locator("#chat-log .suggestions button"),
        )
        expect(status).to_contain_text("Loading SmolLM2-135M-Instruct")
        expect(examples.first).to_have_text(WORDS.chat.examples[0])
        expect(status).to_contain_text("Ready: embedded with base, stage1", timeout=120_000)
        expect(status).to_contain_text("stands in for the default one. smollm2: cannot be had")
        expect(examples.first).to_have_text(WORDS.chat.embedded_examples[0])
        examples.first.click()
        asked = page.locator("#chat-log [data-testid=user]")
        expect(asked).to_have_text(WORDS.chat.embedded_examples[0])
        names = page.locator("#chat-variant label")
        expect(names).to_have_text([re.compile(n) for n in ("base", "stage1", "stage2")])
        page.get_by_role("tab", name="Compare").click()
        for i, name in enumerate(("base", "stage1", "stage2")):
            expect(page.locator(f"#compare-name-{i}")).to_have_text(name)
        page.close()
