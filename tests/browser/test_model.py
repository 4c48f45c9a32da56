"""The Model tab of adapters that bring their training's record, light and wide, dark and narrow."""

from __future__ import annotations

import shutil
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from hera.refs import EMBEDDED_DIR
from tests.browser.ready import ready
from tests.serving import App, serve


@pytest.fixture(scope="module")
def recorded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[App]:
    home = tmp_path_factory.mktemp("home")
    flags = ["--model", "embedded"]
    for stage in ("stage1", "stage2"):
        shutil.copytree(EMBEDDED_DIR / stage, home / stage)
        shutil.copy(EMBEDDED_DIR.parent / "smollm2" / stage / "training.json", home / stage)
        flags += ["--adapter", f"{stage}={home / stage}"]
    (home / "stage2" / "README.md").write_text(
        "---\nlicense: mit\n---\n# Mine\n\n"
        "<script>document.title = 'taken'</script>\n\n![a face](https://evil.example/x.png) "
        "[its page](https://evil.example/page) <b>bold</b> & more\n\n"
        "| a | b |\n| - | - |\n| 1 | 2 |\n"
    )
    with serve(home, *flags) as running:
        yield running


def opened(browser: Browser, app: App, width: int, theme: str) -> Page:
    page = browser.new_context(viewport={"width": width, "height": 860}).new_page()
    page.goto(f"{app.url}?__theme={theme}")
    ready(page, 240_000)
    page.get_by_role("tab", name="Model").click()
    return page


@pytest.mark.parametrize(("width", "theme"), [(1280, "light"), (390, "dark")])
def test_it_tells_what_is_loaded(
    recorded: App, browser: Browser, foreign: list[str], width: int, theme: str
) -> None:
    page = opened(browser, recorded, width, theme)
    page.on("request", lambda one: foreign.append(one.url) if "evil" in one.url else None)
    model = page.locator("#model")
    expect(model.locator(".columns .variant")).to_have_count(3)
    expect(model).to_contain_text("6.3 million")
    expect(model).to_contain_text("LoRA, rank 16, alpha 32")
    expect(model.locator(".checks .good")).to_have_count(5)
    expect(model.get_by_role("img", name="Loss while stage2 trained")).to_be_visible()
    expect(model.locator(".trained").nth(1)).to_contain_text("goes on training the adapter stage1")
    expect(model.locator("table.scores")).to_contain_text("0.630 (0.532 to 0.718)")
    expect(model.locator(".maps table")).to_have_count(2)
    expect(model.locator(".maps table").first.locator("tbody tr")).to_have_count(6)

    model.get_by_text("Card of stage2").click()
    card = model.locator(".card").nth(1)
    expect(card.locator("h4")).to_have_text("Mine")
    expect(card).to_contain_text(
        "[picture: a face] its page (https://evil.example/page) bold & more"
    )
    expect(card.locator("a, img, script, b")).to_have_count(0)
    expect(card.locator("td")).to_have_text(["1", "2"])
    assert page.title() == "HERA"
    assert foreign == []

    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert str(recorded.log.parent) not in model.inner_text()
    page.context.close()


def test_a_program_is_copied(app: App, browser: Browser) -> None:
    page = opened(browser, app, 1280, "light")
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.get_by_text("Ollama", exact=True).click()
    page.locator("#model-snippet-ollama .copies").click()
    expect(page.locator("#model-snippet-ollama .copies")).to_have_attribute("aria-label", "Copied")
    page.wait_for_function(
        "async begins => (await navigator.clipboard.readText()).startsWith(begins)",
        arg="python -m hera.export ollama --model embedded --adapter hera/embedded",
    )
    page.context.close()
