"""Signing in, as a visitor clicks it: on the app's own page, and where that stands in a frame."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.ready import ready
from tests.doubles.openid import Provider
from tests.serving import App, serve

SEEN_AGAIN = (
    """frame => frame.contentWindow.document.dispatchEvent(new Event("visibilitychange"))"""
)


@pytest.fixture(scope="module")
def closed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[App]:
    home = tmp_path_factory.mktemp("closed")
    with (
        Provider() as provider,
        serve(
            home, program="tests/failing_app.py", HERA_SIGN_IN="ana", **provider.environment()
        ) as app,
    ):
        yield app


def test_in_and_out_again(closed: App, browser: Browser) -> None:
    context = browser.new_context()
    page = context.new_page()
    page.goto(f"{closed.url}?tab=compare")
    page.get_by_role("link", name="Sign in").click()
    page.get_by_role("link", name="Allow").click()
    page.wait_for_url("**/?tab=compare")  # what the link asked that led here
    ready(page)
    expect(page.locator("#account")).to_contain_text("Signed in as ana.")
    page.get_by_role("tab", name="Chat").click()
    page.locator("#chat-message textarea").fill("What is gout?")
    page.locator("#chat-send").click()
    expect(page.locator("#chat-log")).to_contain_text("Rest helps")
    page.get_by_role("link", name="Sign out").click()
    expect(page.get_by_role("link", name="Sign in")).to_be_visible()
    context.close()


def test_within_a_frame_it_is_done_in_a_tab(closed: App, browser: Browser) -> None:
    """The Hub shows a Space in a frame, and its own pages in none."""
    context = browser.new_context()
    page = context.new_page()
    around, shown = f"{closed.url}around", f'<iframe src="{closed.url}"></iframe>'
    page.route(around, lambda route: route.fulfill(body=shown, content_type="text/html"))
    page.goto(around)
    with context.expect_page() as opened:
        page.frame_locator("iframe").get_by_role("link", name="Sign in").click()
    tab = opened.value
    tab.get_by_role("link", name="Allow").click()
    expect(tab.locator("#account")).to_contain_text("Signed in as ana.")
    page.locator("iframe").evaluate(SEEN_AGAIN)
    within = page.frame_locator("iframe")
    expect(within.locator("#account")).to_contain_text("Signed in as ana.")  # it came back to it
    context.close()
