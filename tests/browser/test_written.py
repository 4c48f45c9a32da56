"""What is written is what is shown and copied, in a real browser, whoever wrote it."""

from __future__ import annotations

import json
import urllib.request
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Locator, Page, Request, expect

from tests.browser.echo import NOTE, REFUSED
from tests.browser.ready import ready, typed
from tests.serving import App, serve

LITERAL = (
    "a < b & c &lt; d &amp;lt;",
    "<b>x</b> <img src=x onerror=alert(1)> <script>alert(1)</script> <details>y</details>",
    "[a](javascript:alert(1)) ![b](http://example.org/b.png)",
    "# one\n> two\n\\*three\\* C:\\new\nsnake_case __init__ $x$ $$y$$",
    "2*3*4\n\n\n    indented",
)
QUESTIONS = (
    'Is <b>a</b> < b & c &lt; *d* <img src="http://example.org/a.png" onerror="x()"> $x$ `e`?',
    "هل الربو مرض في الرئتين؟",
)
FILE = "odd <b>*a*_$$x$$.jsonl"
MARKUP = "**a < b**\n- `c & d` &lt;\n\n```html\n<b>e</b> & *f* \\g\n```"
RIGHT_TO_LEFT = "\u0645\u0631\u062d\u0628\u0627\nThis line is in English."
HEBREW = "\u05e9\u05dc\u05d5\u05dd HERA"

RUN = "window.ran=1"
AWAY = "//example.org/x"
VECTORS = (
    *(f"<script>{RUN}</script>", f"<img src=x onerror={RUN}>", f"<svg onload={RUN}>"),
    *(f"<iframe src='javascript:{RUN}'></iframe>", f"<body onload={RUN}>", f"<img src={AWAY}>"),
    *(f"<a href='javascript:{RUN}'>a</a>", f"<details open ontoggle={RUN}>a</details>"),
    *(f"<input autofocus onfocus={RUN}>", f"<style>@import '{AWAY}'</style>"),
    *(f"<link rel=stylesheet href={AWAY}>", f"<object data={AWAY}></object>"),
    *(f"<video src={AWAY} autoplay></video>", f"<math href='javascript:{RUN}'>a</math>"),
    *(f"<meta http-equiv=refresh content='0;url={AWAY}'>", f"<base href={AWAY}>"),
    *(f"![a](https:{AWAY})", f"[a](javascript:{RUN})", f"<https:{AWAY}>", f"https:{AWAY}"),
    *(f"$$\\href{{javascript:{RUN}}}{{a}}$$", f"\\(\\includegraphics{{https:{AWAY}}}\\)"),
    *(f"${{{RUN}}}", f"{{{{constructor.constructor('{RUN}')()}}}}", f"&lt;img src={AWAY}&gt;"),
)
PLACES = ("%s", "**%s**", "- %s", "# %s", "> %s", "```html\n%s", "`%s", "|a|\n|-|\n|%s|")
PAYLOADS = [place.replace("%s", vector) for vector in VECTORS for place in PLACES]
ELEMENTS = "script, img, svg, iframe, a, details, input, style, link, object, video, math, meta"


@pytest.fixture(scope="module")
def echo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[App]:
    home = tmp_path_factory.mktemp("home")
    rows = [
        {"id": i, "question": q, "context": [q], "long_answer": q, "final_decision": "yes"}
        for i, q in enumerate(QUESTIONS)
    ]
    (home / FILE).write_text(json.dumps(rows), encoding="utf-8")
    flags = ("--questions", str(home / FILE))
    with serve(home, *flags, program="tests/browser/echo.py") as running:
        yield running


@pytest.fixture(scope="module")
def asked_for() -> list[str]:
    """Addresses outside the app that the page asked for, and dialogs that it opened."""
    return []


@pytest.fixture(scope="module")
def page(echo: App, browser: Browser, asked_for: list[str]) -> Iterator[Page]:
    context = browser.new_context(permissions=["clipboard-read", "clipboard-write"])
    page = context.new_page()
    page.set_default_timeout(20_000)

    def note(request: Request) -> None:
        if not request.url.startswith((echo.url, "data:", "blob:")):
            asked_for.append(request.url)

    page.on("request", note)
    page.on("dialog", lambda dialog: asked_for.append(dialog.message))
    page.goto(echo.url)
    ready(page)
    yield page
    context.close()


def ask(page: Page, text: str, ends: str = "") -> tuple[Locator, Locator]:
    """The turns of the visitor and of the model, who says the same; `ends` is its last word as it
    is shown."""
    page.get_by_role("tab", name="Chat").click()
    turns = page.locator("#chat-log .turn")
    before = turns.count()
    page.locator("#chat-message textarea").fill(text)
    page.locator("#chat-send").click()
    expect(turns).to_have_count(before + 2)
    expect(page.locator("#chat-message textarea")).to_have_value("")
    expect(turns.nth(before + 1)).to_contain_text(ends or text.split()[-1])
    return turns.nth(before), turns.nth(before + 1)


def copied(turn: Locator) -> Any:
    turn.page.evaluate("navigator.clipboard.writeText('nothing')")
    turn.get_by_role("button", name="Copy message").click()
    turn.page.wait_for_function("navigator.clipboard.readText().then(text => text != 'nothing')")
    return turn.page.evaluate("navigator.clipboard.readText()")


def lines(part: Locator) -> list[dict[str, float]]:
    """How far each line of a text is from the left and the right edge of its block."""
    return part.evaluate(  # type: ignore[no-any-return]
        """part => {
          const range = document.createRange(), box = part.getBoundingClientRect();
          range.selectNodeContents(part);
          const lines = new Map();
          for (const {left, right, top, width} of range.getClientRects()) {
            if (!width) continue; // a line's end
            const line = lines.get(Math.round(top)) ?? {left: Infinity, right: Infinity};
            line.left = Math.min(line.left, left - box.left);
            line.right = Math.min(line.right, box.right - right);
            lines.set(Math.round(top), line);
          }
          return [...lines.values()];
        }"""
    )


@pytest.mark.parametrize("text", LITERAL)
def test_every_character_is_shown_and_copied(page: Page, asked_for: list[str], text: str) -> None:
    for turn in ask(page, text):
        said = turn.locator(".said")
        shown = [paragraph.text_content() for paragraph in said.locator("p").all()]
        assert "\n\n".join(map(str, shown)).split() == text.split()
        assert said.locator(":not(p)").count() == 0
        assert copied(turn) == text
    page.get_by_role("tab", name="Compare").click()
    typed(page.locator("#compare-message textarea"), text)
    page.locator("#compare-start").click()
    answer = page.locator("#compare-answer-1")
    expect(answer).to_contain_text(text.split()[-1])
    assert answer.locator(".said").inner_text().split() == text.split()
    expect(page.locator("#compare-column-2")).to_have_count(0)  # a variant that was left out
    assert copied(page.locator("#compare-column-1")) == text
    assert asked_for == []


def test_an_answers_markdown_is_rendered_and_copied_as_it_was_written(page: Page) -> None:
    asked, answered = ask(page, MARKUP, "\\g")
    assert asked.locator(".said").inner_text() == MARKUP
    assert asked.locator("strong, li, code").count() == 0
    assert answered.locator("strong").inner_text() == "a < b"
    assert answered.locator("li").inner_text().strip() == "c & d &lt;"
    assert answered.locator("pre code").inner_text().strip() == "<b>e</b> & *f* \\g"
    assert [copied(asked), copied(answered)] == [MARKUP, MARKUP]


def test_every_line_has_the_direction_of_its_own_text(page: Page) -> None:
    box = page.locator("#chat-message textarea")
    box.fill(RIGHT_TO_LEFT)
    assert box.evaluate("box => getComputedStyle(box).unicodeBidi") == "plaintext"
    for turn in ask(page, RIGHT_TO_LEFT):
        arabic, english = lines(turn.locator("p"))
        assert arabic["right"] < 1 < 40 < arabic["left"]
        assert english["left"] < 1
    for turn in ask(page, f"- {HEBREW}"):
        direction = "part => getComputedStyle(part).direction"
        assert turn.locator(".said > *").evaluate(direction) == "rtl"


def test_questions_are_shown_as_they_are_written(page: Page, asked_for: list[str]) -> None:
    page.get_by_role("tab", name="PubMedQA").click()
    source = page.locator("#pqa-source")
    expect(source).to_contain_text(f"2 questions from the file {FILE}: all that it holds.")
    expect(source).to_contain_text("Whether training had them cannot be known.")
    expect(page.locator("#pqa-count input[type=number]")).to_have_value("2")  # no more to ask
    page.locator("#pqa-start").click()
    expect(page.locator("#pqa-summary")).to_contain_text(f"2 of 2 questions scored: {FILE}")
    for text in QUESTIONS:
        cell = page.get_by_role("gridcell", name=text, exact=True).first
        if text == QUESTIONS[1]:
            assert lines(cell.locator("span").first)[0]["right"] < 1
        cell.click()
        detail = page.locator("#pqa-detail")
        expect(detail.locator("h3")).to_have_text(text)
        assert [p.text_content() for p in detail.locator("p[dir]").all()] == [text, text]
        assert detail.locator("img, b:not(:text('Gold'))").count() == 0
        if text == QUESTIONS[1]:
            assert lines(detail.locator("h3"))[0]["right"] < 1
    assert asked_for == []


def test_errors_and_notes_are_shown_as_they_are_written(page: Page, asked_for: list[str]) -> None:
    expect(page.locator("#status")).to_contain_text(NOTE)
    page.get_by_role("tab", name="Chat").click()
    page.locator("#chat-message textarea").fill(f"{REFUSED} {LITERAL[1]}")
    page.locator("#chat-send").click()
    expect(page.get_by_test_id("toast-text")).to_have_text(f"{REFUSED} {LITERAL[1]}")
    assert asked_for == []


def test_two_hundred_payloads_run_nothing_and_fetch_nothing(
    page: Page, asked_for: list[str]
) -> None:
    assert len(set(PAYLOADS)) == 200
    turns = [{"role": role, "content": text} for text in PAYLOADS for role in ("user", "assistant")]
    one = {"id": "0123456789abcdef", "title": PAYLOADS[1], "model": PAYLOADS[8], "turns": turns}
    when = "2026-01-01T00:00:00Z"
    text = json.dumps({"hera": "conversations", "conversations": [{**one, "when": when}]})
    page.get_by_role("tab", name="Chat").click()
    file = {"name": f"{VECTORS[1]}.json", "mimeType": "application/json", "buffer": text.encode()}
    page.locator(".history .file").set_input_files(file)  # type: ignore[arg-type]
    page.locator(".history li[data-id='0123456789abcdef'] .open").click()
    shown = page.locator("#chat-log .turn")
    expect(shown).to_have_count(2 * len(PAYLOADS))
    assert page.locator("#chat-log .said").count() == 2 * len(PAYLOADS)
    texts = page.locator("#chat-log .said").evaluate_all("all => all.map(one => one.textContent)")
    for text, user, model in zip(PAYLOADS, texts[::2], texts[1::2], strict=True):
        assert "".join(user.split()) == "".join(text.split())
        vector = next(v for v in VECTORS if v in text)
        assert "".join(vector.split()) in "".join(model.split())
    assert page.locator("#chat-log .said").locator(ELEMENTS).count() == 0
    assert page.locator(".history .list").locator(ELEMENTS).count() == 0
    page.get_by_role("tab", name="Compare").click()
    typed(page.locator("#compare-message textarea"), "\n\n".join([*VECTORS, "the end"]))
    page.locator("#compare-start").click()
    answer = page.locator("#compare-answer-1")
    expect(answer).to_contain_text("the end")
    assert answer.locator(".said").locator(ELEMENTS).count() == 0
    assert page.evaluate("window.ran") is None
    assert page.url.startswith(page.evaluate("location.origin"))
    assert asked_for == []


def test_health_says_the_same_without_this_machines_folders(echo: App) -> None:
    with urllib.request.urlopen(f"{echo.url}health", timeout=10) as reply:
        said = json.load(reply)
    assert said["status"] == "degraded"
    assert said["left_out"] == ["stage2"]
    assert said["notes"] == [NOTE.replace("/srv/", "")]
