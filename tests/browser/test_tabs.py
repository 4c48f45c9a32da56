"""The three tabs in a real browser, as a visitor uses them."""

from __future__ import annotations

import contextlib
import json
import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, TimeoutError, expect

from benchmarks import pubmedqa
from tests.browser.ready import longest, typed

SLOW = 60_000


def open_tab(page: Page, name: str) -> None:
    page.get_by_role("tab", name=name).click()


def greedy(page: Page, tab: str, tokens: int) -> None:
    settings = longest(page, tab, tokens)
    typed(settings.get_by_label("number input for Temperature"), "0")


def send(page: Page, text: str) -> None:
    page.locator("#chat-message textarea").fill(text)
    page.locator("#chat-send").click()


def begin_anew(page: Page) -> None:
    page.locator("#history").get_by_role("button", name="New conversation").click()


def test_chat_streams_retries_and_clears(page: Page, foreign: list[str]) -> None:
    send(page, "What are the signs of asthma?")
    answer = page.locator("#chat-log [data-testid=bot]")
    expect(answer).to_contain_text(re.compile(r"\w+ \w+"), timeout=SLOW)
    expect(page.locator("#chat-message textarea")).to_have_value("")
    page.get_by_role("button", name="Try again").click(timeout=SLOW)
    expect(page.locator("#chat-log [data-testid=user]")).to_have_count(1)
    expect(answer).to_have_count(1, timeout=SLOW)
    begin_anew(page)  # the second answer may still be on its way
    expect(answer).to_have_count(0)
    page.wait_for_timeout(1500)
    assert answer.count() == 0
    assert foreign == []


def test_chat_stops(page: Page) -> None:
    settings = longest(page, "chat", 1024)
    typed(settings.get_by_label("number input for Temperature"), "2")
    answer = page.locator("#chat-log [data-testid=bot]").last
    for turn in range(1, 5):  # until an answer is still going on when it is to be stopped
        send(page, "What is gout?")
        expect(page.locator("#chat-log [data-testid=bot]")).to_have_count(turn)
        expect(answer).to_contain_text(re.compile(r"\w"), timeout=SLOW)
        page.locator("#chat-message textarea").fill("And next?")
        page.wait_for_timeout(500)  # the answer goes on, and leaves what is typed meanwhile
        expect(page.locator("#chat-message textarea")).to_have_value("And next?")
        with contextlib.suppress(TimeoutError):
            page.locator("#chat-stop").click(timeout=5_000)
            break
    else:
        pytest.fail("four answers ended before they could be stopped")
    page.wait_for_timeout(1000)
    text = answer.inner_text()
    page.wait_for_timeout(1500)
    assert answer.inner_text() == text


def test_an_empty_message_says_so_and_a_long_one_is_kept(page: Page) -> None:
    page.locator("#chat-send").click()
    expect(page.get_by_text("write something first")).to_be_visible()
    send(page, "pain " * 20_000)
    expect(page.get_by_text("Shorten the text")).to_be_visible(timeout=SLOW)
    back = "document.querySelector('#chat-message textarea').value.length >= 99_999"
    page.wait_for_function(back, timeout=SLOW)
    expect(page.locator("#chat-log .turn")).to_have_count(0)


def test_a_long_conversation_stays_whole_and_says_what_the_model_no_longer_sees(page: Page) -> None:
    greedy(page, "chat", 8)
    said = page.locator("#chat-left-out").get_by_role("status")
    for turn in range(1, 4):
        send(page, f"Question {turn}: {'pain ' * 700}")
        expect(page.locator("#chat-log [data-testid=bot]")).to_have_count(turn, timeout=SLOW)
        expect(said).to_have_count(turn // 3)  # the model reads 2,048 tokens
    expect(said).to_contain_text("no longer sees the first 2 messages")
    assert page.locator("#chat-log [data-testid=user]").first.inner_text().startswith("Question 1:")
    log = page.locator("#chat-log .turns")
    assert log.evaluate("log => log.scrollHeight - log.scrollTop - log.clientHeight") < 2
    begin_anew(page)
    expect(said).to_have_count(0)


def test_compare_fills_a_column_for_each_variant(page: Page, foreign: list[str]) -> None:
    open_tab(page, "Compare")
    page.locator("#compare-start").click()
    texts = []
    for i, name in enumerate(("base", "stage1", "stage2")):
        expect(page.locator(f"#compare-name-{i}")).to_have_text(name)
        expect(page.locator(f"#compare-rate-{i}")).to_contain_text("finished", timeout=SLOW)
        expect(page.locator(f"#compare-rate-{i}")).to_contain_text("tokens/s")
        texts.append(page.locator(f"#compare-answer-{i}").inner_text())
    assert len(set(texts)) > 1
    assert foreign == []


def test_the_film_plays_and_is_dragged_through(page: Page, foreign: list[str]) -> None:
    open_tab(page, "Compare")
    greedy(page, "compare", 48)
    page.locator("#film").get_by_role("button").first.click()
    says = page.locator("#film-curves .says")
    expect(says).to_contain_text(re.compile(r"Step (\d+) of \1: gained"))
    expect(page.locator("#film-curves figure")).to_have_count(1)
    page.locator("#film-play").click()
    expect(page.locator("#film-curves figure")).to_have_count(2, timeout=SLOW)
    expect(says).to_contain_text(re.compile(r"Step (\d+) of \1: gained"), timeout=SLOW)
    slider = page.locator("#film-at input[type=range]")
    expect(slider).to_be_enabled()
    answer = page.locator("#film-answer [data-testid=bot]")
    last = answer.inner_text()
    slider.focus()
    for _ in range(6):
        page.keyboard.press("ArrowLeft")
    expect(says).to_contain_text("Step 0 of")
    expect(says).to_contain_text("Your question")
    expect(answer).not_to_have_text(last)
    page.set_viewport_size({"width": 390, "height": 844})
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    assert foreign == []


def test_an_emergency_is_announced_beside_the_answer(page: Page) -> None:
    emergency = "my mouth droops and I can't lift my arm"
    greedy(page, "chat", 8)
    send(page, emergency)
    alert = page.locator("#chat-notice").get_by_role("alert")
    expect(alert).to_contain_text("Call 911 now")
    expect(alert.locator("a[href='tel:911']")).to_be_visible()
    answer = page.locator("#chat-log [data-testid=bot]")
    expect(answer).to_contain_text(re.compile(r"\w"), timeout=SLOW)
    expect(answer).not_to_contain_text("Call 911 now")
    send(page, "It began an hour ago.")
    expect(answer).to_have_count(2, timeout=SLOW)
    expect(alert).to_be_visible()
    begin_anew(page)
    expect(alert).to_have_count(0)
    open_tab(page, "Compare")
    typed(page.locator("#compare-message textarea"), emergency)
    page.locator("#compare-start").click()
    alert = page.locator("#compare-notice").get_by_role("alert")
    expect(alert).to_contain_text("Call 911 now")
    page.locator("#compare-message textarea").fill("I have a bad cold.")
    page.locator("#compare-start").click()
    expect(alert).to_have_count(0)


def test_pubmedqa_scores_and_opens_a_row(page: Page, foreign: list[str]) -> None:
    open_tab(page, "PubMedQA")
    page.locator("#pqa-start").click()
    summary = page.locator("#pqa-summary")
    expect(summary).to_contain_text("32 of 32 questions scored", timeout=SLOW)
    expect(summary).to_contain_text("95 % interval")
    page.set_viewport_size({"width": 390, "height": 844})
    edges = "part => [part.querySelector('table'), part].map(e => e.getBoundingClientRect().right)"
    table, part = summary.evaluate(edges)
    assert table <= part + 0.5  # a phone shows the last column too
    page.set_viewport_size({"width": 1280, "height": 900})
    expect(page.locator("#pqa-picture table.confusion")).to_have_count(3)
    page.locator("#pqa-table [data-row='2'][data-col='1']").click()
    detail = page.locator("#pqa-detail")
    expect(detail).to_contain_text("Gold answer")
    expect(detail.locator("tr")).to_have_count(4)
    assert foreign == []


def test_the_download_is_what_the_command_writes(page: Page, tmp_path: Path) -> None:
    open_tab(page, "PubMedQA")
    typed(page.locator("#pqa-count input[type=number]"), "20")
    page.locator("#pqa-start").click()
    button = page.locator("#pqa-download button")
    expect(button).to_be_visible(timeout=SLOW)
    with page.expect_download() as download:
        button.click()
    here = json.loads(download.value.path().read_text(encoding="utf-8"))
    pubmedqa.main(["--limit", "20", "--output", str(tmp_path / "run")])
    there = json.loads((tmp_path / "run" / "results.json").read_text(encoding="utf-8"))
    for result in (here, there):
        del result["seconds"], result["finished"]
    assert here == there


def test_pubmedqa_stops(page: Page) -> None:
    open_tab(page, "PubMedQA")
    typed(page.locator("#pqa-count input[type=number]"), "500")
    page.locator("#pqa-start").click()
    summary = page.locator("#pqa-summary")
    expect(summary).to_contain_text("of 500 questions scored", timeout=SLOW)
    page.locator("#pqa-stop").click()
    page.wait_for_timeout(3000)
    text = summary.inner_text()
    page.wait_for_timeout(3000)
    assert summary.inner_text() == text
    assert "500 of 500" not in text
    assert "Error" not in text
