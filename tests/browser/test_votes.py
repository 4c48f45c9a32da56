"""Votes and thumbs that visitors share: the real app and the real client, to a Hub over HTTP."""

from __future__ import annotations

import json
import signal
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, expect

from tests import ctrl_c
from tests.browser.ready import ready, typed
from tests.browser.test_blind import show_two, unfold, vote
from tests.browser.test_tabs import SLOW, greedy, send
from tests.doubles.hub.server import Hub
from tests.serving import App, serve

VOTES = "me/votes"


def test_what_a_visitor_says_arrives_if_they_tick_so_and_only_then(
    browser: Browser, tmp_path: Path
) -> None:
    with Hub() as hub, ctrl_c.heeded():
        with serve(tmp_path, start="fresh", **{**hub.environment(), "HERA_FEEDBACK": VOTES}) as app:
            shown = two_votes(browser, app)
            answer = a_thumb(browser, app)
            app.process.send_signal(signal.SIGINT)  # what has not been sent yet is sent now
            app.process.wait(timeout=60)
        repo = hub.repo("dataset", VOTES)
    assert repo.private
    (thumb,) = lines(repo.files(), "thumbs-")
    assert thumb == {
        **{"model": "embedded", "question": "What is gout?", "variant": "stage2", "turn": 1},
        **{"answer": answer, "seed": 0, "ended": "length", "up": False},
        **{"reasons": ["wrong"], "words": "It names no joint."},
    }
    (record,) = lines(repo.files(), "votes-")
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
    page.locator("#privacy").get_by_role("button").click()
    expect(page.locator("#privacy-told")).to_contain_text(f"opinions go to {VOTES}, a data set")
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


def a_thumb(browser: Browser, app: App) -> str:
    """One for an answer, shared only once that is ticked; the answer."""
    page = browser.new_page()
    page.goto(app.url)
    ready(page)
    greedy(page, "chat", 12)
    send(page, "What is gout?")
    page.get_by_role("button", name="Bad answer").click(timeout=SLOW)
    form = page.locator("#chat-thumbs")
    expect(form).to_contain_text("What is wrong with the answer of stage2?")
    expect(form.get_by_label("helpful")).to_have_count(0)
    form.get_by_label("not true").check()
    typed(page.locator("#chat-thumbs-words textarea"), "It names no joint.")
    share = page.locator("#chat-thumbs-share")
    share.click()
    expect(page.locator(".toast-message-text")).to_contain_text("Tick that you want to share it")
    form.get_by_label(f"go to {VOTES}").check()
    share.click()
    expect(form).to_be_hidden()
    expect(page.locator("#chat-thumbs-told")).to_have_text(f"Shared with {VOTES}.")
    answer = page.locator("#chat-log [data-testid=bot]").inner_text()
    page.close()
    return answer


def lines(files: Mapping[str, bytes], kind: str) -> list[dict[str, Any]]:
    """Every line of the files whose names begin so."""
    found = [data for name, data in files.items() if name.startswith(kind)]
    return [json.loads(line) for data in found for line in data.splitlines()]
