"""The app is told to end and started again under an open page, which says so and loses nothing."""

from __future__ import annotations

import signal
from pathlib import Path

from playwright.sync_api import Browser, Page, expect

from benchmarks.speed.port import free_port
from tests.browser.ready import ready, typed
from tests.browser.test_tabs import SLOW, greedy, send
from tests.browser.test_votes import VOTES, lines
from tests.doubles.hub.server import Hub
from tests.serving import serve

FAILING = "tests/failing_app.py"
ASKED = ["What is gout?", "long ago?"]
WRITTEN = "And since when does <b>it</b> hurt?"


def test_an_open_page_tells_of_a_restart_and_keeps_what_was_said_and_written(
    browser: Browser, tmp_path: Path
) -> None:
    port, page = str(free_port()), browser.new_page()
    with Hub() as hub:
        shares = {**hub.environment(), "HERA_FEEDBACK": VOTES}
        restarted(page, port, tmp_path, shares)
        (thumb,) = lines(hub.repo("dataset", VOTES).files(), "thumbs-")
    assert (thumb["question"], thumb["up"]) == ("What is gout?", True)
    page.close()


def restarted(page: Page, port: str, home: Path, shares: dict[str, str]) -> None:
    """What is asked, shared, being answered and written when the end comes, and what is there
    again after it."""
    with serve(home, program=FAILING, port=port, start="fresh", **shares) as app:
        page.goto(app.url)
        ready(page)
        greedy(page, "chat", 12)
        send(page, "What is gout?")
        answer = page.locator("#chat-log [data-testid=bot]")
        expect(page.locator(".history li[data-id]")).to_have_count(1, timeout=SLOW)
        begin_long(page)
        share_thumb(page)
        send(page, "long ago?")
        expect(answer.nth(1)).to_contain_text("Rest helps", timeout=SLOW)
        page.locator("#chat-message textarea").fill(WRITTEN)
        app.process.send_signal(signal.SIGTERM)
        told = page.locator("#connection [role=alert]")
        expect(told).to_contain_text("HERA is about to restart. Answers under way")
        assert app.process.wait(timeout=20) == 0
        expect(told).to_contain_text("HERA cannot be reached. What you write stays")
        said = answer.all_inner_texts()
        assert len(said) == 2
        assert len(said[1].split()) > 20  # it had some seconds more
    with serve(home, program=FAILING, port=port, start="fresh", **shares):
        expect(told).to_contain_text("HERA was restarted. Your conversation", timeout=60_000)
        expect(page.locator("#chat-log [data-testid=user]")).to_have_text(ASKED)
        expect(answer).to_have_text(said, use_inner_text=True)
        expect(page.locator("#chat-log")).to_contain_text("stopped")
        expect(page.get_by_role("button", name="Go on")).to_be_visible()
        expect(page.locator("#chat-message textarea")).to_have_value(WRITTEN)
        goes_on(page)


def begin_long(page: Page) -> None:
    """Answers may be long from now on."""
    field = page.locator("#chat-settings").get_by_label("number input for Longest answer")
    typed(field, "1024")


def share_thumb(page: Page) -> None:
    """A good one, for the last answer."""
    page.get_by_role("button", name="Good answer").click(timeout=SLOW)
    page.locator("#chat-thumbs").get_by_label(f"go to {VOTES}").check()
    page.locator("#chat-thumbs-share").click()
    expect(page.locator("#chat-thumbs-told")).to_have_text(f"Shared with {VOTES}.")


def goes_on(page: Page) -> None:
    """The new process knows what was said before."""
    ready(page)
    greedy(page, "chat", 4)
    page.get_by_role("button", name="Close this message").click()
    expect(page.locator("#connection")).to_be_hidden()
    page.locator("#chat-message textarea").press("Enter")
    users = page.locator("#chat-log [data-testid=user]")
    expect(users).to_have_text([*ASKED, WRITTEN])
    expect(page.locator("#chat-send")).to_be_visible(timeout=SLOW)
    expect(page.locator("#chat-log [data-testid=bot]")).to_have_count(3)
