"""A walk through the app as an animated picture, with `smollm2`: `make walkthrough`.

Every scene is filmed as it happens and then shown at a pace that one can follow: a slow machine
makes no longer picture. What is seen is the app; only the line under it is added.
"""

from __future__ import annotations

import argparse
import io
import tempfile
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from matplotlib import font_manager
from PIL import Image, ImageDraw, ImageFont
from playwright.sync_api import Page, sync_playwright

from tests.browser.conftest import launch
from tests.serving import serve

WIDTH, HEIGHT, LINE = 1280, 860, 44
SHOWN = (1000, 672)
EVERY = 500  # milliseconds between two pictures
WAIT = 300_000


@dataclass
class Film:
    """The pictures of a scene, and of those before it."""

    page: Page
    frames: list[Image.Image] = field(default_factory=list)

    def scene(self, line: str, seconds: float, play: Callable[[Film], None]) -> None:
        """Film what `play` does, and keep as much of it as fits into the seconds: first and last
        always, what lies between at an even pace."""
        begun = len(self.frames)
        self.snap()
        play(self)
        self.snap()
        taken = self.frames[begun:]
        most = int(1000 * seconds / EVERY)
        step = max(1.0, (len(taken) - 1) / (most - 1))
        kept = [taken[round(i * step)] for i in range(int((len(taken) - 1) / step) + 1)]
        kept += [taken[-1]] * (most - len(kept))
        self.frames[begun:] = [underlined(picture, line) for picture in kept]

    def snap(self) -> None:
        """Take a picture."""
        picture = Image.open(io.BytesIO(self.page.screenshot()))
        self.frames.append(picture.convert("RGB").resize(SHOWN))

    def scroll_to(self, place: str) -> None:
        """Bring something to the top of the window."""
        self.page.locator(place).first.evaluate("part => part.scrollIntoView()")

    def until(self, there: Callable[[], bool]) -> None:
        """Film until something is there."""
        for _ in range(WAIT // EVERY):
            if there():
                return
            self.snap()
            self.page.wait_for_timeout(EVERY)
        raise TimeoutError("what the walk-through waits for did not come")


def underlined(picture: Image.Image, line: str) -> Image.Image:
    """A picture with a line of text under it."""
    whole = Image.new("RGB", (picture.width, picture.height + LINE), "#0f766e")
    whole.paste(picture, (0, 0))
    font = ImageFont.truetype(font_manager.findfont("DejaVu Sans"), 19)
    ImageDraw.Draw(whole).text((18, picture.height + 10), line, font=font, fill="white")
    return whole


def chat(film: Film) -> None:
    page = film.page
    page.locator("#chat-message textarea").fill(
        "I have had a bad cold for three days. What should I do?"
    )
    film.snap()
    page.locator("#chat-send").click()
    answer = page.locator("#chat-log [data-testid=bot]")
    film.until(lambda: answer.count() > 0)
    texts = ["", "-"]

    def still() -> bool:
        texts.append(answer.first.inner_text())
        return len(set(texts[-6:])) == 1

    film.until(still)


def compare(film: Film) -> None:
    page = film.page
    page.locator("#tab-compare-button").click()
    page.locator("#compare-start").click()
    film.scroll_to("#tabs")
    ended = page.locator(".column").get_by_text("finished")
    film.until(lambda: ended.count() >= 3)


def why(film: Film) -> None:
    page = film.page
    page.locator("#compare-why input").click()
    tokens = page.locator("#compare-column-2 .token")
    film.until(lambda: tokens.count() > 0)
    film.scroll_to("#compare-column-0")
    film.snap()
    parting = page.locator("#compare-column-2 .parts-here")
    (parting if parting.count() else tokens).first.click()
    likely = page.locator("#why-likely .likely")
    film.until(lambda: likely.count() > 0)
    film.scroll_to("#why-likely")
    film.snap()


def layers(film: Film) -> None:
    page = film.page
    page.locator("#why-layers").click()
    film.scroll_to("#why-layers")
    done = (
        "(([a, b]) => a && a === b)"
        "(document.querySelector('#why-map .numbers')?.innerText.match(/\\d+/g) ?? [])"
    )
    film.until(lambda: bool(page.evaluate(done)))


def pubmedqa(film: Film) -> None:
    page = film.page
    page.evaluate("window.scrollTo(0, 0)")
    page.locator("#tab-pubmedqa-button").click()
    page.locator("#pqa-start").click()
    ended = page.locator("#pqa-summary").get_by_text("32 of 32")
    film.until(lambda: ended.count() > 0)


def model(film: Film) -> None:
    page = film.page
    page.locator("#tab-model-button").click()
    page.locator("#model table.layers").first.wait_for(timeout=WAIT)
    film.snap()
    page.mouse.move(WIDTH / 2, HEIGHT / 2)
    for _ in range(8):
        page.mouse.wheel(0, 400)
        page.wait_for_timeout(EVERY)
        film.snap()


SCENES: tuple[tuple[str, float, Callable[[Film], None]], ...] = (
    ("Chat with a fine-tuned variant.", 10, chat),
    ("Compare: base and fine-tuned answer at once, with the same dice.", 12, compare),
    ("Why: every token coloured by how much likelier fine-tuning made it.", 10, why),
    ("Which layers did it? The adapter is switched off part by part.", 9, layers),
    ("PubMedQA: scored live, with intervals and a paired test.", 13, pubmedqa),
    ("Model: what is loaded, how it was trained, and what it changed.", 6, model),
)


def main() -> None:
    parser = argparse.ArgumentParser(description="Film a walk through the app.")
    parser.add_argument("--output", type=Path, required=True, metavar="FILE.webp")
    parser.add_argument("--model", default="smollm2", metavar="REF")
    args = parser.parse_args()
    with (
        tempfile.TemporaryDirectory() as home,
        serve(Path(home), "--model", args.model, "--questions", "embedded") as app,
        sync_playwright() as playwright,
    ):
        page = launch(playwright).new_page(viewport={"width": WIDTH, "height": HEIGHT})
        page.goto(f"{app.url}?__theme=light")
        page.locator("#status").get_by_text("Ready", exact=True).wait_for(timeout=WAIT)
        page.locator("[data-page=dismiss]").click()
        film = Film(page)
        for line, seconds, play in SCENES:
            film.scene(line, seconds, play)
    film.frames[0].save(
        args.output,
        save_all=True,
        append_images=film.frames[1:],
        duration=EVERY,
        loop=0,
        quality=55,
        method=4,
    )
    size = args.output.stat().st_size / 1e6
    print(f"{args.output}: {len(film.frames) * EVERY / 1000:.0f} s, {size:.1f} MB")


if __name__ == "__main__":
    main()
