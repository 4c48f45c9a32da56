"""What the PubMedQA tab asks beside a base that is not the embedded one: PubMedQA's own test
questions from the Hub, the invented ones without a network, and a visitor's own file."""

from __future__ import annotations

import http.client
import json
import re
import urllib.parse
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from gradio_client import Client
from playwright.sync_api import Browser, Page, expect

from hera.data import load_pubmedqa, official_test
from hera.evaluation import results
from hera.refs import PUBMEDQA, Ref
from hera.ui.asking import Asked
from hera.ui.upload import MOST_SENT
from tests.browser.ready import typed
from tests.doubles.hub.contents import parquet, pubmedqa
from tests.doubles.hub.server import Hub
from tests.serving import App, serve

ECHO, BASE = "tests/browser/echo.py", ("--model", "me/tiny")
SLOW = 60_000  # milliseconds; a first run imports much
CANARY = "Qzanareel"
UPLOAD = "Ask a file of your own-upload-button"


@pytest.fixture(scope="module")
def hub() -> Iterator[Hub]:
    """PubMedQA on the loopback, with invented texts under the ids of the official test split."""
    others = ["1", "2", "3"]
    with Hub() as running:
        labelled = parquet("test", [*others, *sorted(official_test())])
        running.seed("dataset", PUBMEDQA, pubmedqa(labelled))
        yield running


@pytest.fixture(scope="module")
def offline(tmp_path_factory: pytest.TempPathFactory) -> Iterator[App]:
    """Without a network; all that is written lies in its home."""
    home = tmp_path_factory.mktemp("offline")
    (home / "tmp").mkdir()
    with serve(home, *BASE, program=ECHO, TMPDIR=str(home / "tmp")) as running:
        yield running


def opened(browser: Browser, app: App) -> Page:
    page = browser.new_context(viewport={"width": 1280, "height": 900}).new_page()
    page.goto(app.url)
    page.get_by_role("tab", name="PubMedQA").click()
    expect(page.locator("#pqa-start")).to_be_enabled(timeout=SLOW)
    return page


def scored(page: Page, count: int) -> dict[str, Any]:
    """What results.json holds after a run of so many questions."""
    typed(page.locator("#pqa-count input[type=number]"), str(count))
    page.locator("#pqa-start").click()
    said = f"{count} of {count} questions scored"
    expect(page.locator("#pqa-summary")).to_contain_text(said, timeout=SLOW)
    with page.expect_download() as download:
        page.locator("#pqa-download button").click()
    assert download.value.suggested_filename == results.FILE
    return dict(json.loads(download.value.path().read_text(encoding="utf-8")))


def test_pubmedqas_own_test_questions_once_somebody_looks(
    hub: Hub, browser: Browser, tmp_path: Path
) -> None:
    with serve(tmp_path, *BASE, program=ECHO, **hub.environment(None)) as app:
        assert hub.requests == []
        page = opened(browser, app)
        source = page.locator("#pqa-source")
        expect(source).to_contain_text(
            f"500 questions from {PUBMEDQA} on the Hub: PubMedQA's official test split."
        )
        expect(source).to_contain_text("HERA's stage 1 is never trained on them")
        expect(source).to_contain_text("(MIT licence)")
        address = f"https://huggingface.co/datasets/{PUBMEDQA}"
        expect(source.get_by_role("link")).to_have_attribute("href", address)
        told = scored(page, 20)
        heading = f"PubMedQA's official test split ({PUBMEDQA})"
        expect(page.locator("#pqa-summary")).to_contain_text(heading)
        assert (told["data"]["ref"], told["data"]["split"]) == (PUBMEDQA, "official test split")
        assert {item["id"] for item in told["variants"]["base"]["items"]} < official_test()
        assert told["baselines"]["human"]["accuracy"] == 0.78
        asked = len(hub.requests)
        api = Client(app.url, verbose=False).predict([], 20, 42, api_name="/pubmedqa")
        assert api["data"] == told["data"]
        assert len(hub.requests) == asked  # it has them by now
        page.context.close()


def test_without_a_network_they_are_invented_and_called_so(offline: App, browser: Browser) -> None:
    page = opened(browser, offline)
    source = page.locator("#pqa-source")
    expect(source.locator(".why")).to_contain_text(f"{PUBMEDQA}: the Hub data set cannot be read")
    expect(source.locator(".why")).to_contain_text("Invented questions are asked instead.")
    expect(source).to_contain_text("1,000 invented questions, written by this project")
    told = scored(page, 8)
    for part in ("#pqa-summary", "#pqa-table"):
        expect(page.locator(part)).to_contain_text("invented questions, not PubMedQA")
    assert (told["data"]["ref"], told["data"]["n"]) == ("embedded", 8)
    assert "human" not in told["baselines"]
    page.context.close()


def test_a_file_of_ones_own_is_asked_and_not_kept(
    offline: App, browser: Browser, tmp_path: Path
) -> None:
    row = {"context": [f"{CANARY} it was."], "long_answer": CANARY, "final_decision": "no"}
    rows = [{"id": f"{CANARY}{i}", "question": f"Is it {CANARY} {i}?", **row} for i in range(12)]
    mine, other = tmp_path / f"{CANARY}.json", tmp_path / "letters.json"
    mine.write_text(json.dumps(rows), encoding="utf-8")
    other.write_text(json.dumps([{"to": CANARY}]), encoding="utf-8")
    page = opened(browser, offline)
    source, refused = page.locator("#pqa-source"), page.locator("#pqa-refused").get_by_role("alert")
    page.get_by_test_id(UPLOAD).set_input_files(mine)
    expect(source).to_contain_text(f"12 questions from your file {mine.name}")
    expect(page.locator("#pqa-count input[type=number]")).to_have_value("12")
    page.get_by_test_id(UPLOAD).set_input_files(other)
    expect(refused).to_contain_text("letters.json, row 1: no question (fields: to).")
    expect(source).to_contain_text(f"12 questions from your file {mine.name}")
    told = scored(page, 12)
    expect(page.locator("#pqa-summary")).to_contain_text(f"your file {mine.name}")
    asked = Asked.of(Ref.of(str(mine)), load_pubmedqa(str(mine)), own=True)
    assert (told["data"]["ref"], told["data"]["n"]) == (mine.name, 12)
    assert {item["id"] for item in told["variants"]["base"]["items"]} == {
        question.id for question in asked.questions
    }
    elsewhere = opened(browser, offline)
    expect(elsewhere.locator("#pqa-source")).to_contain_text("1,000 invented questions")
    page.locator("#pqa-back").click()
    expect(source).to_contain_text("1,000 invented questions")
    expect(page.locator("#pqa-back")).to_be_hidden()
    expect(refused).to_have_count(0)
    page.context.close()
    elsewhere.context.close()
    assert [path for path in written(offline) if CANARY.encode() in content(path)] == []
    assert CANARY not in offline.output()


def test_what_is_too_large_reaches_no_disk(offline: App, browser: Browser, tmp_path: Path) -> None:
    large = tmp_path / "large.json"
    large.write_bytes(CANARY.encode() * (MOST_SENT // len(CANARY) + 1))
    page = opened(browser, offline)
    page.get_by_test_id(UPLOAD).set_input_files(large)
    said = page.get_by_test_id("toast-text")
    expect(said).to_contain_text(
        re.compile(r"exceed the maximum allowed size of 10.0 M[bB].*large")
    )
    expect(page.locator("#pqa-source")).to_contain_text("1,000 invented questions")
    page.context.close()
    form = b'--x\r\nContent-Disposition: form-data; name="files"; filename="l"\r\n\r\n'
    body = form + large.read_bytes() + b"\r\n--x--\r\n"
    for chunked in (False, True):  # the second says no size
        line = http.client.HTTPConnection(urllib.parse.urlsplit(offline.url).netloc, timeout=20)
        headers = {"Content-Type": "multipart/form-data; boundary=x"}
        parts = iter([body[:4096]]) if chunked else body[:4096]
        length = {} if chunked else {"Content-Length": str(len(body))}
        line.request("POST", "/gradio_api/upload", parts, headers | length, encode_chunked=chunked)
        reply = line.getresponse()
        assert (reply.status, b"Larger than 10 MB" in reply.read()) == (413, True)
        line.close()
    assert [path for path in written(offline) if CANARY.encode() in content(path)] == []


def written(app: App) -> list[Path]:
    """Every file that the app, whose home this is, has written."""
    return [path for path in app.log.parent.rglob("*") if path.is_file()]


def content(path: Path) -> bytes:
    return str(path).encode() + path.read_bytes()
