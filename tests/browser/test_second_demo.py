"""The demo of somebody else's base and adapters: a hera.toml, in the browser and over HTTP."""

from __future__ import annotations

import io
import json
import re
import shutil
import time
import urllib.request
from collections.abc import Iterator
from typing import Any

import pytest
from gradio_client import Client
from PIL import Image
from playwright.sync_api import Browser, expect

from hera.refs import EMBEDDED_DIR
from tests.serving import App, serve

FILE = """
base = "base"
questions = "questions.parquet"
report = "report.html"
disclaimer = "Made by <b>us</b> ![](http://nowhere.invalid/x.png), for a course."
examples = ["What are the signs of asthma?", "When should I see a doctor about back pain?"]

[name]
en = "Two & a half"
es = "Dos y medio"

[description]
en = "Abstracts beside dialogues."

[adapters]
abstracts = "abstracts"
dialogues = "./dialogues"

[colours]
dialogues = "#8a1c7c"
"""

REPORT = "<!DOCTYPE html><title>Old</title><h1>Measured</h1><script>document.title = 'ran'</script>"


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[App]:
    folder = tmp_path_factory.mktemp("demo")
    (folder / "base").mkdir()
    for file in EMBEDDED_DIR.glob("*.*"):
        if file.is_file():
            shutil.copy(file, folder / "base")
    shutil.copytree(EMBEDDED_DIR / "stage1", folder / "abstracts")
    shutil.copytree(EMBEDDED_DIR / "stage2", folder / "dialogues")
    shutil.copy(EMBEDDED_DIR / "data" / "pubmedqa_test.parquet", folder / "questions.parquet")
    (folder / "report.html").write_text(REPORT, encoding="utf-8")
    (folder / "hera.toml").write_text(FILE, encoding="utf-8")
    with serve(folder, HERA_MODEL="", HERA_CONFIG=str(folder / "hera.toml")) as running:
        began = time.monotonic()
        while health(running)["left_out"]:  # the model loads behind the page
            assert time.monotonic() - began < 300, running.output()
            time.sleep(0.2)
        yield running


def health(demo: App) -> dict[str, Any]:
    with urllib.request.urlopen(f"{demo.url}health", timeout=60) as reply:
        return dict(json.load(reply))


def test_it_says_what_its_operator_says(demo: App, browser: Browser) -> None:
    context = browser.new_context(viewport={"width": 390, "height": 844})
    page = context.new_page()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(f"{demo.url}?tab=compare")
    status = page.locator("#status")
    expect(status).to_contain_text("Ready: base with base, abstracts, dialogues", timeout=90_000)
    expect(page).to_have_title("Two & a half")
    expect(page.get_by_role("heading", level=1)).to_have_text("Two & a half")
    expect(page.locator("#title")).to_contain_text("Abstracts beside dialogues.")
    disclaimer = page.locator("#disclaimer")
    expect(disclaimer).to_contain_text("Not a medical device. Made by <b>us</b> ![](http")
    box = page.locator("#compare-message textarea")
    expect(box).to_have_value("What are the signs of asthma?")
    expect(page.locator("#compare-name-1")).to_have_text("abstracts")
    tone = "rgb(138, 28, 124)"
    expect(page.locator("#compare-column-2")).to_have_css("border-top-color", tone)
    page.get_by_role("tab", name="Chat").click()
    examples = page.locator("#chat-log .suggestions button")
    expect(examples).to_have_text([re.compile("asthma"), re.compile("back pain")])
    page.get_by_role("tab", name="PubMedQA").click()
    expect(page.locator("#pqa-source")).to_contain_text("questions.parquet")
    assert [url for url in asked if not url.startswith((demo.url, "data:", "blob:"))] == []
    context.close()


def test_its_report_is_a_page_of_its_own_that_runs_nothing(demo: App, browser: Browser) -> None:
    page = browser.new_page()
    page.goto(f"{demo.url}?tab=model&lang=es")
    link = page.locator("#model-report")
    expect(link).to_contain_text("Todo lo que se midió", timeout=90_000)
    with page.context.expect_page() as opened:
        link.click()
    expect(opened.value.get_by_role("heading", name="Measured")).to_be_visible()
    expect(opened.value).to_have_title("Old")
    page.context.close()


def test_it_answers_as_what_it_is(demo: App) -> None:
    client = Client(demo.url, verbose=False)
    said = client.predict("What is asthma?", ["abstracts"], 8, 0.0, api_name="/compare")
    assert list(said) == ["abstracts"]
    assert health(demo)["variants"] == ["base", "abstracts", "dialogues"]


def test_a_link_to_it_shows_its_card(demo: App) -> None:
    with urllib.request.urlopen(demo.url, timeout=10) as reply:
        page = reply.read().decode()
    tags = dict(re.findall(r'<meta (?:property|name)="([\w:]+)" content="([^"]*)"', page))
    assert tags["og:title"] == tags["twitter:title"] == "Two &amp; a half"
    assert tags["og:description"] == "Abstracts beside dialogues."
    assert tags["og:image"] == f"{demo.url}card.png"
    assert "githubusercontent" not in page
    with urllib.request.urlopen(tags["og:image"], timeout=30) as reply:
        assert Image.open(io.BytesIO(reply.read())).size == (1200, 630)
    with urllib.request.urlopen(f"{demo.url}favicon.ico", timeout=10) as reply:
        assert b"#0f766e" in reply.read()
