"""Every view of one comparison, wide and narrow, light and dark: whole, and to be read."""

from __future__ import annotations

import itertools
from typing import Any

from playwright.sync_api import Browser, Page, expect

from tests.browser.ready import longest, ready, typed
from tests.browser.test_blind import show_two, vote
from tests.browser.test_tabs import SLOW, open_tab
from tests.serving import App

WAYS = list(itertools.product((1280, 390), ("light", "dark")))

# Parts whose letters stand on a colour of ours, or are small.
COLOURED = """
.token, .legend span, table.layers td, table.layers th, table.luck td, table.luck th,
.words ins, .words del, .likely li, .columns h3, .columns .numbers, .columns .parts,
.columns .receipt li, .tally p, .tally h4, #methods a, #blind a, .film .says,
.film .legend span, #why-likely h4
"""

# What is drawn under the letters, and the letters, laid on one pixel as a browser would.
CONTRAST = """selector => {
  const canvas = document.createElement("canvas");
  canvas.width = canvas.height = 1;
  const paint = canvas.getContext("2d", {willReadFrequently: true});
  const light = layers => {
    paint.globalAlpha = 1;
    paint.clearRect(0, 0, 1, 1);
    for (const [colour, alpha] of layers) {
      paint.globalAlpha = alpha;
      paint.fillStyle = colour;
      paint.fillRect(0, 0, 1, 1);
    }
    const [r, g, b] = [...paint.getImageData(0, 0, 1, 1).data].slice(0, 3).map(value => {
      const part = value / 255;
      return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  let least = {contrast: 99};
  for (const part of document.querySelectorAll(selector)) {
    if (!part.offsetParent || !part.innerText.trim()) continue;
    const under = [];
    let opacity = 1;
    for (let at = part; at; at = at.parentElement) {
      const style = getComputedStyle(at);
      opacity *= Number(style.opacity);
      under.unshift([style.backgroundColor, 1]);
    }
    const ground = light(under);
    const letters = light([...under, [getComputedStyle(part).color, opacity]]);
    const [high, low] = [Math.max(ground, letters), Math.min(ground, letters)];
    const contrast = (high + 0.05) / (low + 0.05);
    if (contrast < least.contrast) {
      least = {contrast, what: part.className || part.tagName, text: part.innerText.slice(0, 40)};
    }
  }
  return least;
}"""

# What lies beyond the window's edge and cannot be scrolled to inside a part of its own.
VIEWS = ["compare-columns", "why", "compare-words", "luck", "blind", "film", "keep", "methods"]
CUT = """views => [...document.querySelectorAll(views.map(id => `#${id} *`))].filter(part => {
  const box = part.getBoundingClientRect();
  if (!part.offsetParent || !box.width || box.right <= innerWidth + 1) return false;
  for (let at = part.parentElement; at; at = at.parentElement) {
    if (["auto", "scroll"].includes(getComputedStyle(at).overflowX)) return false;
  }
  return true;
}).map(part => part.outerHTML.slice(0, 120))"""

PANELS = (
    *(
        "#compare-columns .token",
        "#compare-legend",
        "#compare-column-2 .receipt li",
        "#why-likely ol",
    ),
    *("#why-driven .said", "#why-map table", "#compare-words-told p", "#luck-found table"),
    *(
        "#blind-answers .said",
        "#blind-score .interval",
        "#film-curves figure",
        "#keep-link",
        "#methods p",
    ),
)


def every_view(page: Page) -> None:
    """Compare once, and open all that tells something of it."""
    open_tab(page, "Compare")
    longest(page, "compare", 64)
    page.locator("#compare-start").click()
    page.locator("#compare-column-2 .receipt").wait_for(timeout=SLOW)
    page.get_by_label("Colour every token").check()
    page.locator("#compare-column-2 .parts-here").click()
    page.locator("#compare-column-2 .receipt summary").click()
    expect(page.locator("#why-likely h4")).to_have_count(3, timeout=SLOW)
    page.locator("#why-drive").click()
    page.locator("#why-driven .said").wait_for(timeout=SLOW)
    page.locator("#why-layers").click()
    for part in ("luck", "blind", "film", "keep", "compare-words", "methods"):
        page.locator(f"#{part} > button").first.click()
    page.locator("#keep-make-link").click()
    show_two(page)
    vote(page, "A is better", "B")
    typed(page.locator("#luck-draws").get_by_role("spinbutton"), "10")
    page.locator("#luck-start").click()
    expect(page.locator("#luck-found")).to_contain_text("10 of 10 draws", timeout=SLOW)
    expect(page.locator("#why-map")).to_contain_text("3 of 3 random", timeout=SLOW)


def looked_at(page: Page, width: int, theme: str) -> None:
    """As wide, and in that theme, as if the page had been opened so."""
    page.set_viewport_size({"width": width, "height": 844})
    page.evaluate("dark => document.body.classList.toggle('dark', dark)", theme == "dark")
    page.wait_for_timeout(300)


def test_every_view_is_whole_and_legible_wide_and_narrow_light_and_dark(
    app: App, browser: Browser
) -> None:
    context = browser.new_context(viewport={"width": 390, "height": 844})
    page = context.new_page()
    page.goto(f"{app.url}?__theme=light")
    ready(page)
    every_view(page)
    for width, theme in WAYS:
        looked_at(page, width, theme)
        way = f"{width} {theme}"
        for panel in PANELS:
            expect(page.locator(panel).first, way).to_be_visible()
        assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0, way
        assert page.evaluate(CUT, VIEWS) == [], way
        least: dict[str, Any] = page.evaluate(CONTRAST, COLOURED)
        assert least["contrast"] >= 4.5, f"{way}: {least}"
    context.close()
