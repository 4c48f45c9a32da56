"""Conversations that the visitor's browser keeps, and the server does not."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from hera.ui.components import history
from tests.browser.ready import ready, typed
from tests.browser.test_questions import CANARY, content, written
from tests.browser.test_tabs import SLOW, greedy, open_tab, send
from tests.serving import App

SHELF = Path(history.__file__).with_name("history_shelf.js").read_text(encoding="utf-8")
STORED = "() => [...Object.keys(localStorage), ...Object.keys(sessionStorage)]"


@pytest.fixture(params=[(1280, "light"), (390, "dark")], ids=lambda way: f"{way[0]}-{way[1]}")
def seen(app: App, browser: Browser, request: pytest.FixtureRequest) -> Iterator[Page]:
    """The chat, at a width and in a theme."""
    width, theme = request.param
    page = browser.new_context(viewport={"width": width, "height": 844}).new_page()
    opened(page, f"{app.url}?__theme={theme}")
    yield page
    wide = page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
    page.context.close()
    assert wide <= 0  # nothing makes a phone scroll sideways


def opened(page: Page, url: str) -> None:
    page.goto(url)
    ready(page)
    unfold(page)


def unfold(page: Page) -> None:
    """On a phone the panel is folded, and folds when something was opened."""
    fold = page.locator(".history .fold")
    expect(fold).to_be_visible()
    if fold.get_attribute("aria-expanded") == "false":
        fold.click()


def asked(page: Page, text: str, kept: int) -> None:
    """Send a message; so many conversations are kept once it is answered."""
    send(page, text)
    expect(page.locator("#chat-log")).to_contain_text(text)
    expect(rows(page)).to_have_count(kept, timeout=SLOW)
    expect(rows(page).first).to_be_visible()


def rows(page: Page) -> Locator:
    return page.locator(".history li[data-id]")


def anew(page: Page) -> None:
    unfold(page)
    page.locator(".history .new").click()
    expect(page.locator("#chat-log .turn")).to_have_count(0)
    unfold(page)


def exports(page: Page, kind: str) -> str:
    with page.expect_download() as download:
        page.locator(f".history .{kind}").click()
    return Path(download.value.path()).read_text(encoding="utf-8")


def imports(page: Page, name: str, text: str, said: str) -> None:
    file = {"name": name, "mimeType": "application/json", "buffer": text.encode()}
    page.locator(".history .file").set_input_files(file)  # type: ignore[arg-type]
    expect(page.locator(".history .told")).to_have_text(said)


def test_conversations_are_kept_in_the_browser_alone(seen: Page, app: App) -> None:
    page = seen
    throat, knee = f"My throat is sore, {CANARY}.", "My knee hurts. Is it déjà-vu?"
    asked(page, throat, 1)
    anew(page)
    asked(page, knee, 2)
    expect(rows(page)).to_have_text([re.compile(re.escape(t)) for t in (knee, throat)])
    answer = page.locator("#chat-log [data-testid=bot]").inner_text()
    page.reload()
    unfold(page)
    expect(page.locator("#chat-log [data-testid=user]")).to_have_text([knee])
    expect(page.locator("#chat-log [data-testid=bot]")).to_have_text(answer, use_inner_text=True)
    expect(rows(page).nth(0).locator(".open")).to_have_attribute("aria-current", "true")
    unfold(page)

    search = page.locator(".history .search")
    search.fill("KNEE deja")
    expect(rows(page)).to_have_text([re.compile("My knee")])
    search.fill(CANARY.lower())
    expect(rows(page)).to_have_text([re.compile("My throat")])
    search.fill("nothing of the kind")
    expect(page.locator(".history .empty")).to_have_text("No conversation has these words.")
    search.fill("")

    page.get_by_role("button", name=f"Rename {throat}").click()
    name = page.get_by_label(f"New name of {throat}")
    name.fill("<b>Throat</b>")
    name.press("Enter")
    expect(rows(page).nth(1).locator("strong")).to_have_text("<b>Throat</b>")
    expect(rows(page).nth(1).locator(".open")).to_be_focused()
    rows(page).nth(1).locator(".open").click()
    expect(page.locator("#chat-log [data-testid=user]")).to_have_text([throat])
    unfold(page)

    page.locator(".history .manage summary").click()
    text, read = exports(page, "json"), exports(page, "markdown")
    found = json.loads(text)["conversations"]
    assert [one["title"] for one in found] == [knee, "<b>Throat</b>"]
    assert found[0]["turns"][0] == {"role": "user", "content": knee}
    for one in found:
        assert f"```text\n{one['turns'][1]['content']}\n```" in read
    assert "# \\<b\\>Throat\\</b\\>" in read

    page.get_by_role("button", name="Delete <b>Throat</b>").click()
    expect(page.get_by_role("button", name="Keep", exact=True)).to_be_focused()
    page.keyboard.press("Escape")
    expect(rows(page)).to_have_count(2)
    page.get_by_role("button", name="Delete <b>Throat</b>").click()
    page.get_by_role("button", name="Delete", exact=True).click()
    expect(rows(page)).to_have_text([re.compile("My knee")])
    expect(page.locator("#chat-log .turn")).to_have_count(0)  # it was on the screen
    page.wait_for_timeout(1000)  # nor does it come back with what the server still said of it
    expect(rows(page)).to_have_count(1)
    unfold(page)
    page.locator(".history .all").click()
    page.get_by_role("group", name="Delete all conversations (1)?").locator(".yes").click()
    expect(rows(page)).to_have_count(0)
    unfold(page)

    imports(page, "kept.json", text, "Imported: 2. There already: 0.")
    expect(rows(page)).to_have_count(2)
    imports(page, "kept.json", text, "Imported: 0. There already: 2.")
    bad = text.replace('"role": "assistant"', '"role": "system"', 1)
    refused = "no conversations that HERA exported, because of conversations.1.turns.2.role."
    imports(page, "bad.json", bad, f"bad.json: {refused}")
    expect(rows(page)).to_have_count(2)
    assert [path for path in written(app) if CANARY.encode() in content(path)] == []
    assert CANARY not in app.output()
    leaves_no_trace(page)


def leaves_no_trace(page: Page) -> None:
    """Whoever comes next finds nothing, and nothing of theirs stays."""
    keys = page.evaluate(STORED)
    assert len(keys) > 2
    assert [key for key in keys if not key.startswith("hera-")] == []
    page.locator(".history .trace").click()
    page.get_by_role("button", name="Wipe all").click()
    expect(page.locator(".history .trace")).to_have_text("Keep conversations again")
    unfold(page)
    expect(page.locator(".history .where")).to_have_text("Nothing is kept in this browser.")
    expect(page.locator("#chat-log .turn")).to_have_count(0)
    send(page, "What is asthma?")
    expect(page.locator("#chat-log [data-testid=bot]")).to_contain_text(
        re.compile(r"\w+ \w+"), timeout=SLOW
    )
    open_tab(page, "Compare")
    page.locator("#blind > button").first.click()
    page.locator("#blind-before-tell").get_by_label("mostly").check()
    page.wait_for_timeout(1500)
    assert page.evaluate(STORED) == ["hera-nothing"]
    page.goto(page.url.partition("?")[0])  # without the tab in the address
    unfold(page)
    page.locator(".history .trace").click()
    asked(page, "What is gout?", 1)


def test_two_tabs_lose_nothing_of_each_other(app: App, browser: Browser) -> None:
    context = browser.new_context(viewport={"width": 1280, "height": 844})
    one, two = context.new_page(), context.new_page()
    for page in (one, two):
        opened(page, app.url)
    asked(one, "My ear hurts.", 1)
    asked(two, "My foot hurts.", 2)
    expect(rows(one)).to_have_count(2)  # without being loaded again
    rows(two).nth(1).locator(".open").click()
    expect(two.locator("#chat-log")).to_contain_text("My ear hurts.")
    asked(two, "Since yesterday.", 2)
    expect(rows(one).nth(0)).to_contain_text("My ear hurts.")
    asked(one, "Since Monday.", 3)  # on top of what it had: both are kept
    expect(one.locator(".history .told")).to_contain_text("went on in another tab")
    expect(rows(two)).to_have_count(3)
    found = json.loads(exported(one))["conversations"]
    said = [[turn["content"] for turn in each["turns"][::2]] for each in found]
    assert said == [
        ["My ear hurts.", "Since Monday."],
        ["My ear hurts.", "Since yesterday."],
        ["My foot hurts."],
    ]
    greedy(one, "chat", 1024)
    typed(one.locator("#chat-settings").get_by_label("number input for Temperature"), "2")
    send(one, "It is red.")  # and goes on there
    answer = one.locator("#chat-log [data-testid=bot]")
    expect(answer.nth(2)).to_contain_text(re.compile(r"\w"), timeout=SLOW)
    one.evaluate("document.querySelector('#chat-stop')?.click()")  # unless it ended by itself
    expect(one.locator("#chat-send")).to_be_visible(timeout=SLOW)
    one.wait_for_timeout(1500)
    last = json.loads(exported(one))["conversations"][0]["turns"]
    assert [turn["content"] for turn in last[::2]] == [*said[0], "It is red."]
    assert re.findall(r"\w+", answer.nth(2).inner_text()) == re.findall(r"\w+", last[-1]["content"])
    loads: list[str] = []
    for page in (one, two):
        page.on("load", lambda loaded: loads.append(loaded.url))
    two.locator(".history .trace").click()
    two.get_by_role("button", name="Wipe all").click()
    for page in (one, two):  # both forget
        expect(page.locator(".history .where")).to_have_text("Nothing is kept in this browser.")
        expect(page.locator("#chat-log .turn")).to_have_count(0)
    one.wait_for_timeout(1500)
    assert len(loads) == 2  # once each: neither makes the other load again
    context.close()


def test_a_tab_that_opens_where_nothing_is_kept_disturbs_no_other(
    app: App, browser: Browser
) -> None:
    context = browser.new_context()
    one, two = context.new_page(), context.new_page()
    for page in (one, two):
        page.goto(f"{app.url}health")
    one.evaluate(f"() => {{ {SHELF}\n makeShelf(9, 9e9).nothing(); }}")
    one.reload()
    two.evaluate(
        "() => { window.told = [];"
        " addEventListener('storage', event => window.told.push([event.key, event.newValue])); }"
    )
    one.evaluate("localStorage.setItem('hera-late', 'written by another program')")
    assert one.evaluate(f"() => {{ {SHELF}\n return makeShelf(9, 9e9).isOff(); }}")
    two.wait_for_function("window.told.length > 1")
    two.wait_for_timeout(300)
    assert two.evaluate("window.told") == [
        ["hera-late", "written by another program"],
        ["hera-late", None],
    ]
    assert one.evaluate("Object.keys(localStorage)") == ["hera-nothing"]
    context.close()


def exported(page: Page) -> str:
    if not page.locator(".history .json").is_visible():
        page.locator(".history .manage summary").click()
    return exports(page, "json")


def test_a_shelf_says_when_it_is_full_and_drops_nothing(app: App, browser: Browser) -> None:
    page = browser.new_context().new_page()
    page.goto(f"{app.url}health")

    def run(script: str) -> Any:
        return page.evaluate(f"() => {{ {SHELF}\n{script} }}")

    talk = "const talk = (id, text) => ({id, title: id, model: 'm', when: id, turns:"
    talk += " [{role: 'user', content: text}]});"
    many = "const shelf = makeShelf(2, 10000); const keep = (id, text) =>"
    many += " shelf.keep(talk(id, text), '2026').why;"
    assert run(
        f"{talk}{many} return [keep('a', 'x'), keep('b', 'y'), keep('c', 'z'), keep('a', 'zz'),"
        " shelf.all().map(one => one.turns[0].content)]"
    ) == ["", "", "many", "", ["zz", "y"]]
    assert run(
        f"{talk} const shelf = makeShelf(9, 300);"
        " return [shelf.add([talk('c', 'z'), talk('d', 'x'.repeat(300)), talk('b', 'y')]),"
        " shelf.all().map(one => one.id), shelf.unreadable()]"
    ) == [{"added": 1, "there": 1, "left": 1, "why": "large"}, ["c", "a", "b"], 0]
    page.evaluate("localStorage.setItem('hera-chat-x', '{')")
    assert run("const s = makeShelf(9, 9); return [s.all().length, s.unreadable()]") == [3, 1]
    page.evaluate("localStorage.setItem('other', 'x'.repeat(5200000))")
    assert run(f"{talk} return makeShelf(9, 9e9).keep(talk('e', 'x'.repeat(60000)), '').why") == (
        "large"
    )
    assert run(
        f"{talk} return found([talk('Über', 'naïve'), talk('b', 'Uber')], 'UBER NAI').length"
    )
    page.context.close()
