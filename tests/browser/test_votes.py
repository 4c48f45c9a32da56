"""Votes that visitors share: the real app and the real client, to a Hub over HTTP."""

from __future__ import annotations

import json
import signal
from pathlib import Path

from playwright.sync_api import Browser, expect

from tests import ctrl_c
from tests.browser.test_blind import show_two, unfold, vote
from tests.doubles.hub.server import Hub
from tests.serving import App, serve

VOTES = "me/votes"


def test_a_vote_arrives_if_its_visitor_ticks_so_and_only_then(
    browser: Browser, tmp_path: Path
) -> None:
    with Hub() as hub, ctrl_c.heeded():
        with serve(tmp_path, **{**hub.environment(), "HERA_FEEDBACK": VOTES}) as app:
            shown = two_votes(browser, app)
            app.process.send_signal(signal.SIGINT)  # what has not been sent yet is sent now
            app.process.wait(timeout=60)
        repo = hub.repo("dataset", VOTES)
    assert repo.private
    files = {name: data for name, data in repo.files().items() if name.startswith("votes-")}
    (record,) = [json.loads(line) for data in files.values() for line in data.splitlines()]
    assert set(record) == {
        *("model", "question", "pair", "sides", "max_new_tokens", "temperature", "top_p"),
        *("vote", "guess", "changed"),
    }
    assert [set(side) for side in record["sides"]] == [{"variant", "seed", "text"}] * 2
    assert (record["model"], record["pair"]) == ("embedded", ["base", "stage2"])
    assert (record["vote"], record["guess"], record["changed"]) == ("b", "twin", ["asks"])
    said = [record["question"], *(side["text"] for side in record["sides"])]
    assert [text.split() for text in shown] == [text.split() for text in said]


def two_votes(browser: Browser, app: App) -> list[str]:
    """The second of them is shared; what was asked and answered then."""
    page = browser.new_page()
    page.goto(app.url)
    unfold(page)
    show_two(page)
    vote(page, "A is better", "A")
    show_two(page)
    share = page.locator("#blind-share").get_by_role("checkbox")
    expect(share).not_to_be_checked()
    share.check()
    vote(page, "B is better", "A twin: both are one variant")
    expect(page.locator("#blind-told")).to_contain_text(f"Shared with {VOTES}.")
    shown = page.locator("#blind-answers .said").all_inner_texts()
    show_two(page)
    expect(share).not_to_be_checked()  # who shares says so each time
    page.close()
    return shown
