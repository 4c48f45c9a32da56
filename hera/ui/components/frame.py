"""What stands around the tabs: links, three steps for newcomers, the line that is read out, and the
foot of the page. What they do beyond a tab's opening is in `hera/ui/page.js`."""

from __future__ import annotations

import html
import os

import gradio as gr

from hera import __version__
from hera.ui.components import languages
from hera.ui.components.events import AT_ONCE
from hera.ui.words import WORDS

_THEME = (
    '<svg viewBox="0 0 16 16" aria-hidden="true"><circle cx="8" cy="8" r="6.25"/>'
    '<path d="M8 1.75a6.25 6.25 0 0 1 0 12.5z"/></svg>'
)
_CLOSE = '<svg viewBox="0 0 16 16" aria-hidden="true"><path d="M4 4l8 8M12 4l-8 8"/></svg>'

# A step says in its data-tab which tab it opens.
_OPENS = """
element.addEventListener("click", event => {
  const step = event.target.closest("[data-tab]");
  if (step) trigger("select", {tab: step.dataset.tab});
});
"""


def skip_link() -> gr.HTML:
    """The first stop of the keyboard: over header and tabs to what is shown."""
    text = html.escape(WORDS.frame.skip)
    return _part(f'<a href="#" class="skip" data-page="skip">{text}</a>', "skip")


def acts() -> gr.HTML:
    """The header's links, to the other languages first, and its switch between light and dark."""
    words = WORDS.frame
    switch = html.escape(words.theme)
    return _part(
        f"{languages.links()}{_source()}"
        f'<button type="button" data-page="api">{html.escape(words.api)}</button>'
        f'<button type="button" class="icon" data-page="theme" title="{switch}" '
        f'aria-label="{switch}">{_THEME}</button>',
        "acts",
        languages.script(),
    )


def steps(tabs: gr.Tabs) -> gr.HTML:
    """What a newcomer can do, each card opening its tab, until they are dismissed."""
    words = WORDS.steps
    cards = (
        ("chat", words.ask, words.ask_about),
        ("compare", words.compare, words.compare_about),
        ("pubmedqa", words.measure, words.measure_about),
    )
    listed = "".join(
        f'<li><button type="button" data-tab="{tab}"><b aria-hidden="true">{number}</b>'
        f"<span><strong>{html.escape(name)}</strong><small>{html.escape(about)}</small></span>"
        "</button></li>"
        for number, (tab, name, about) in enumerate(cards, 1)
    )
    dismiss = html.escape(words.dismiss)
    shown = _part(
        f'<h2 class="for-ears">{html.escape(words.heading)}</h2><ol>{listed}</ol>'
        f'<button type="button" class="icon" data-page="dismiss" title="{dismiss}" '
        f'aria-label="{dismiss}">{_CLOSE}</button>',
        "steps",
        _OPENS,
    )
    shown.select(_open, None, tabs, show_progress="hidden", **AT_ONCE)
    return shown


def _open(event: gr.EventData) -> gr.Tabs:
    return gr.Tabs(selected=(event._data or {}).get("tab"))


def tab_heading(text: str) -> gr.HTML:
    """A tab's name as its heading, for those who go from heading to heading by ear."""
    return gr.HTML(
        f"<h2>{html.escape(text)}</h2>", apply_default_css=False, elem_classes="for-ears"
    )


def status_line() -> gr.HTML:
    """The one line that is read out: how a run ended. `hera.ui.components.stop` lets it speak."""
    words = WORDS.frame
    texts = {"finished": words.finished, "stopped": words.stopped, "failed": words.failed}
    data = " ".join(f'data-{name}="{html.escape(text)}"' for name, text in texts.items())
    return gr.HTML(
        f'<p role="status" aria-live="polite" {data}></p>',
        apply_default_css=False,
        elem_id="said",
        elem_classes="for-ears",
    )


def connection_line() -> gr.HTML:
    """What is said when the app ends, cannot be reached, or was restarted: `page_restart.js` lets
    it speak."""
    words = WORDS.leaving
    texts = {"leaving": words.leaving, "lost": words.lost, "back": words.back}
    data = " ".join(f'data-{name}="{html.escape(text)}"' for name, text in texts.items())
    dismiss = html.escape(words.dismiss)
    return _part(
        f'<div {data}><p role="alert"></p><button type="button" class="icon" hidden '
        f'title="{dismiss}" aria-label="{dismiss}">{_CLOSE}</button></div>',
        "connection",
    )


def footer() -> gr.HTML:
    """What this is, under which licence, and where its source is."""
    words = WORDS.frame
    told = [
        html.escape(words.version.format(version=__version__)),
        html.escape(words.licence),
        html.escape(words.no_device),
        _source(),
    ]
    return _part(f"<p>{' · '.join(filter(None, told))}</p>", "foot")


def _source() -> str:
    """The files that run here: on a Space anybody can read them; elsewhere whoever started it has
    them, and they have no address."""
    space = os.environ.get("SPACE_ID")
    if not space:
        return ""
    address = html.escape(f"https://huggingface.co/spaces/{space}/tree/main")
    return (
        f'<a href="{address}" target="_blank" rel="noopener">{html.escape(WORDS.frame.source)}</a>'
    )


def _part(content: str, elem_id: str, script: str | None = None) -> gr.HTML:
    return gr.HTML(content, js_on_load=script, apply_default_css=False, elem_id=elem_id)
