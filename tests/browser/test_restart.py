"""The app is told to end and started again under an open page, which says so and loses nothing."""

from __future__ import annotations

import signal
from pathlib import Path

from playwright.sync_api import Browser, Page, expect

from tests.browser.ready import ready
from tests.browser.test_tabs import SLOW, greedy, send
from tests.serving import free_port, serve

FAILING = "tests/failing_app.py"
WRITTEN = "And since when does <b>it</b> hurt?"


def test_an_open_page_tells_of_a_restart_and_keeps_what_was_said_and_written(
    browser: Browser, tmp_path: Path
) -> None:
    port, page = str(free_port()), browser.new_page()
    with serve(tmp_path, program=FAILING, port=port) as app:
        page.goto(app.url)
        ready(page)
        greedy(page, "chat", 12)
        send(page, "What is gout?")
        answer = page.locator("#chat-log [data-testid=bot]")
        expect(page.locator(".history li[data-id]")).to_have_count(1, timeout=SLOW)
        page.locator("#chat-message textarea").fill(WRITTEN)
        app.process.send_signal(signal.SIGTERM)
        told = page.locator("#connection [role=alert]")
        expect(told).to_contain_text("HERA is about to restart. Answers under way")
        assert app.process.wait(timeout=20) == 0
        expect(told).to_contain_text("HERA cannot be reached. What you write stays")
        said = answer.inner_text()
        assert said.strip()
    with serve(tmp_path, program=FAILING, port=port):
        expect(told).to_contain_text("HERA was restarted. Your conversation", timeout=60_000)
        expect(page.locator("#chat-log [data-testid=user]")).to_have_text(["What is gout?"])
        expect(answer).to_have_text(said, use_inner_text=True)
        expect(page.locator("#chat-message textarea")).to_have_value(WRITTEN)
        goes_on(page)
    page.close()


def goes_on(page: Page) -> None:
    """The new process knows what was said before."""
    ready(page)
    greedy(page, "chat", 4)
    page.get_by_role("button", name="Close this message").click()
    expect(page.locator("#connection")).to_be_hidden()
    page.locator("#chat-message textarea").press("Enter")
    users = page.locator("#chat-log [data-testid=user]")
    expect(users).to_have_text(["What is gout?", WRITTEN])
    expect(page.locator("#chat-send")).to_be_visible(timeout=SLOW)
    expect(page.locator("#chat-log [data-testid=bot]")).to_have_count(2)
