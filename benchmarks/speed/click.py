"""From the click to the first token, through the page: what a visitor waits for.

    python -m benchmarks.speed click
    python -m benchmarks.speed click --model smollm2 --repeats 5

A real browser writes a question, clicks, and notes in the page's own clock when the first text of
an answer is drawn: in Chat, in Compare (the first of its columns and the last), and, for what the
page and Gradio alone take, in the shortest chat that Gradio has, which answers with the question.
Beside Chat's stand the seconds that the app itself gives under the answer. Every repeat is a page
loaded anew and another question. The server and the browser share the machine.
"""

from __future__ import annotations

import argparse
import re
import statistics
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from benchmarks.speed.page import bare, chromium
from benchmarks.speed.visitors import SEED, questions_of, served
from hera.errors import ConfigError, ModelError
from hera.evaluation.provenance import machine

_PATIENCE = 300_000  # milliseconds
# "•••" stands where an answer is waited for.
# Takes the places of the answers; resolves to milliseconds from the click until each has a text.
_WATCH = """
([button, places]) => new Promise((resolve, reject) => {
  const drawn = {};
  const began = performance.now();
  const look = () => {
    for (const place of places) {
      if (!(place in drawn) && document.querySelector(place)?.innerText.match(/[^•\\s]/))
        drawn[place] = performance.now() - began;
    }
    if (places.every(place => place in drawn)) resolve(places.map(place => drawn[place]));
    else requestAnimationFrame(look);
  };
  document.querySelector(button).click();
  requestAnimationFrame(look);
})
"""


@dataclass(frozen=True)
class Screen:
    """Where a text is written, what is clicked, and where answers are drawn (CSS selectors)."""

    name: str
    url: str
    box: str
    button: str
    places: tuple[str, ...]
    tab: str | None = None
    stop: str | None = None
    """What ends the answer, so that the app tells its own seconds."""


def main(argv: Sequence[str]) -> None:
    """The `click` part of the command."""
    parser = argparse.ArgumentParser(description="Time a visitor's wait for the first token.")
    parser.add_argument("--model", default="embedded", metavar="REF", help="the app's base")
    parser.add_argument("--repeats", type=int, default=7, metavar="N", help="clicks on each (7)")
    args = parser.parse_args(argv)
    if args.repeats < 1:
        raise ConfigError("--repeats must be at least 1.")
    asked = questions_of(0, args.repeats + 1)
    with chromium() as browser, served(["--model", args.model]) as hera, bare() as other:
        shown = screens(hera, other)
        found: dict[str, list[list[float]]] = {screen.name: [] for screen in shown}
        for turn, question in enumerate(asked):
            for screen in shown:
                waits = clicked(browser, screen, question)
                if turn:  # the first is the servers' own
                    found[screen.name].append(waits)
    for screen in shown:
        for line in lines(screen, found[screen.name]):
            print(line, flush=True)
    print(
        f"{args.model}, {machine().cpus} CPUs, {args.repeats} clicks on each in turn, seed {SEED}; "
        "median [least, most]"
    )


def screens(hera: str, other: str) -> list[Screen]:
    """The two of HERA's app, and a bare Gradio app's."""
    columns = tuple(f"#compare-answer-{place} .said" for place in range(3))
    bot = "[data-testid=bot]"
    return [
        Screen(
            "chat",
            hera,
            "#chat-message textarea",
            "#chat-send",
            (f"#chat-log {bot}",),
            stop="#chat-stop",
        ),
        Screen("compare", hera, "#compare-message textarea", "#compare-start", columns, "compare"),
        Screen("bare Gradio", other, "textarea", "button.submit-button", (bot,)),
    ]


def clicked(browser: Any, screen: Screen, question: str) -> list[float]:
    """Seconds from the click until each answer has a text, in the order of their places; behind
    them, where the screen has a stop, the app's own seconds to the first token.

    Raises:
        ModelError: an answer ended before a token came.
    """
    context = browser.new_context(locale="en")
    context.set_default_timeout(_PATIENCE)
    page = context.new_page()
    page.goto(f"{screen.url}?tab={screen.tab}" if screen.tab else screen.url)
    box = page.locator(screen.box).first
    box.fill(question)
    page.wait_for_timeout(500)  # the page tells the server of the text only when one has stopped
    waits = page.evaluate(_WATCH, [screen.button, list(screen.places)])
    found = [wait / 1000 for wait in waits]
    if screen.stop:
        # Where the machine is busy the answer may have ended by now, and its button with it.
        page.evaluate("stop => document.querySelector(stop)?.click()", screen.stop)
        told = page.locator("#chat-log .numbers").last.inner_text()
        own = re.search(r"first after ([\d.]+) s", told)
        if own is None:
            raise ModelError(f"click: the app told no first token: {told}")
        found.append(float(own[1]))
    context.close()
    return found


def lines(screen: Screen, found: Sequence[Sequence[float]]) -> Iterator[str]:
    """What a visitor waited on a screen, as the median and the range of the repeats."""
    places = len(screen.places)
    yield f"{screen.name}: first token after {_spread([min(w[:places]) for w in found])}"
    if places > 1:
        last = _spread([max(w[:places]) for w in found])
        yield f"{screen.name}: every one of {places} columns after {last}"
    if screen.stop:
        yield f"{screen.name}: of it the app tells {_spread([w[-1] for w in found])}"


def _spread(values: Sequence[float]) -> str:
    return f"{statistics.median(values):.2f} s [{min(values):.2f}, {max(values):.2f}]"
