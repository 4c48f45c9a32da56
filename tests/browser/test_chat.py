"""Chat as people use it: what can be done with a question and its answers, by mouse and by
keyboard, on a wide screen and on a phone."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from hera.types import Engine, GenerationParams
from tests.browser.ready import longest, ready
from tests.browser.test_tabs import SLOW, greedy, send
from tests.serving import App, serve

QUESTION = "I have a throbbing headache on one side. What should I do?"


@pytest.fixture(scope="module")
def patient(tmp_path_factory: pytest.TempPathFactory) -> Iterator[App]:
    """An app whose answers to what begins with "long" take minutes."""
    with serve(tmp_path_factory.mktemp("patient"), program="tests/failing_app.py") as running:
        yield running


@pytest.fixture(params=[(1280, "light"), (390, "dark")], ids=lambda way: f"{way[0]}-{way[1]}")
def way(request: pytest.FixtureRequest) -> tuple[int, str]:
    """A width and a theme."""
    return request.param  # type: ignore[no-any-return]


@pytest.fixture
def chat(app: App, browser: Browser, way: tuple[int, str]) -> Iterator[Page]:
    """The tab there, of the embedded model."""
    yield from opened(app, browser, *way)


@pytest.fixture
def patient_chat(patient: App, browser: Browser, way: tuple[int, str]) -> Iterator[Page]:
    yield from opened(patient, browser, *way)


def opened(app: App, browser: Browser, width: int, theme: str) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": width, "height": 844})
    page = context.new_page()
    page.goto(f"{app.url}?__theme={theme}")
    ready(page)
    yield page
    wide = page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
    context.close()
    assert wide <= 0  # nothing makes a phone scroll sideways


def act(page: Page, name: str) -> Locator:
    """The last button of that name in the log."""
    return page.locator("#chat-log").get_by_role("button", name=name, exact=True).last


def at_rest(page: Page) -> None:
    """No answer is being written any more."""
    expect(act(page, "Try again")).to_be_visible(timeout=SLOW)
    expect(page.locator("#chat-send")).to_be_visible()
    expect(page.locator("#chat-stop")).to_have_count(0)


def said(page: Page) -> list[str]:
    return page.locator("#chat-log [data-testid=bot]").all_inner_texts()


def whole(engine: Engine, variant: str, tokens: int) -> str:
    params = GenerationParams(max_new_tokens=tokens, temperature=0.0)
    asked = {variant: [{"role": "user", "content": QUESTION}]}
    return engine.answer(asked, params).texts[variant]  # type: ignore[arg-type]


def test_an_answer_goes_on_is_asked_of_others_edited_and_taken_back(
    chat: Page, engine: Engine
) -> None:
    page = chat
    box = page.locator("#chat-message textarea")
    expect(box).to_be_in_viewport(ratio=1)
    suggestion = page.locator("#chat-log").get_by_role("button", name=QUESTION)
    expect(suggestion).to_be_in_viewport()
    greedy(page, "chat", 12)
    suggestion.click()
    at_rest(page)
    numbers = page.locator("#chat-log .numbers").last
    expect(numbers).to_have_text(
        re.compile(r"^12 tokens · [\d.]+ tokens/s · first after [\d.]+ s · cut at the limit$")
    )
    used = re.compile(r"^(\d+) of 2,048 tokens$")
    expect(page.locator("#chat-meter small")).to_have_text(used)
    assert said(page) == [whole(engine, "stage2", 12).strip()]

    act(page, "Go on").focus()
    page.keyboard.press("Enter")
    expect(numbers).to_contain_text("24 tokens", timeout=SLOW)
    at_rest(page)
    assert said(page)[0].split() == whole(engine, "stage2", 24).split()

    act(page, "Ask base the same").click()
    given = page.locator("#chat-log .who").last.get_by_role("button")
    expect(given).to_have_text(["stage2", "base"], timeout=SLOW)
    at_rest(page)
    assert said(page)[0].split() == whole(engine, "base", 12).split()
    colours = given.evaluate_all(
        "all => all.map(one => getComputedStyle(one).getPropertyValue('--variant'))"
    )
    assert colours == ["#d55e00", "#5c6670"]  # as in Compare
    given.first.click()
    expect(given.first).to_have_attribute("aria-pressed", "true")
    assert said(page)[0].split() == whole(engine, "stage2", 24).split()

    send(page, "And now?")
    expect(page.locator("#chat-log .turn")).to_have_count(4)
    at_rest(page)
    act(page, "Take the question and its answer back").click()
    expect(page.locator("#chat-log .turn")).to_have_count(2)
    expect(box).to_have_value("And now?")
    expect(box).to_be_focused()

    act(page, "Edit message").click()
    editor = page.get_by_role("textbox", name="Your message, edited")
    expect(editor).to_have_value(QUESTION)
    editor.fill("What are the signs of asthma?")
    page.keyboard.press("Escape")
    expect(editor).to_be_hidden()
    act(page, "Edit message").click()
    editor.fill("my mouth droops and I can't lift my arm")
    page.keyboard.press("Enter")
    expect(page.locator("#chat-log [data-testid=user]")).to_have_text(re.compile("mouth droops"))
    expect(page.locator("#chat-notice").get_by_role("alert")).to_be_in_viewport()
    at_rest(page)
    expect(page.locator("#chat-log .turn")).to_have_count(2)
    expect(box).to_have_value("And now?")  # what is being typed stays


def test_while_an_answer_comes_send_is_stop_and_enter_says_why_not(patient_chat: Page) -> None:
    page = patient_chat
    longest(page, "chat", 1024)
    box = page.locator("#chat-message textarea")
    box.fill("long What is gout?")
    box.press("Shift+Enter")
    box.press_sequentially("Briefly.")
    box.press("Enter")
    expect(page.locator("#chat-log [data-testid=user]")).to_have_text(
        "long What is gout?\nBriefly."
    )
    expect(page.locator("#chat-stop")).to_be_visible(timeout=SLOW)
    expect(page.locator("#chat-send")).to_have_count(0)
    answer = page.locator("#chat-log [data-testid=bot]")
    expect(answer).to_contain_text(re.compile(r"\w"), timeout=SLOW)
    box.fill("And next?")
    box.press("Enter")
    expect(page.locator("#chat-log .busy")).to_contain_text("Not sent")
    expect(box).to_have_value("And next?")
    page.locator("#chat-stop").click()
    at_rest(page)
    expect(page.locator("#chat-log .numbers").last).to_contain_text("stopped")
    first = said(page)
    page.wait_for_timeout(1000)
    assert said(page) == first
    act(page, "Try again").click()  # with another seed, beside the first
    expect(page.locator("#chat-stop")).to_be_visible(timeout=SLOW)
    expect(page.locator("#chat-log .numbers").last).to_contain_text("seed 1", timeout=SLOW)
    page.locator("#chat-stop").click()
    given = page.locator("#chat-log .who").last.get_by_role("button")
    expect(given).to_have_text(["stage2", "stage2 · 2"])
    given.first.click()
    expect(given.first).to_have_attribute("aria-pressed", "true")
    assert said(page) == first
    expect(page.locator("#chat-log").get_by_role("button", name="Good answer")).to_have_count(0)
