"""The panel of kept conversations.

Not Gradio's BrowserState: its value travels to the server and back whole, the tab that writes last
wins, and what no longer fits is dropped with a line in the console alone.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import gradio as gr

from hera.ui.history import MOST, MOST_LETTERS
from hera.ui.language import language
from hera.ui.words import WORDS

_TEMPLATE = """<section class="history" aria-label="${words.heading}">
<button type="button" class="fold" aria-controls="history-inside" aria-expanded="true">
<span aria-hidden="true">☰</span>
<span class="name">${words.heading}</span></button>
<div class="inside" id="history-inside">
<button type="button" class="new plain">${words.begin}</button>
<input type="search" class="search" placeholder="${words.search}" aria-label="${words.search}">
<ul class="list"></ul>
<p class="where"></p>
<p class="told" role="status"></p>
<details class="manage"><summary>${words.manage}</summary>
<button type="button" class="json plain">${words.json_file}</button>
<button type="button" class="markdown plain">${words.markdown}</button>
<button type="button" class="import plain">${words.load}</button>
<button type="button" class="all plain">${words.remove_all}</button>
<input type="file" class="file" accept=".json,application/json" hidden></details>
<button type="button" class="trace plain"></button>
</div></section>"""


def history_panel() -> gr.HTML:
    """Lay it out. It triggers `opened` with a conversation (with {} for a new one) and `imported`
    with a file; its value is what `told` makes."""
    here = Path(__file__)
    scripts = [here.with_name(f"history_{part}.js") for part in ("shelf", "panel")]
    return gr.HTML(
        told(""),
        html_template=_TEMPLATE,
        js_on_load="\n".join(script.read_text(encoding="utf-8") for script in scripts),
        apply_default_css=False,
        elem_id="history",
        words={**WORDS.history.model_dump(), **WORDS.kept.by.model_dump()},
        most=MOST,
        letters=MOST_LETTERS,
        language=language(),
    )


def told(name: str, **more: Any) -> dict[str, Any]:
    """What the panel is told.

    Args:
        name: the id of the conversation on the screen.
        more: `keep`, a conversation; `took`, the one that was opened; `add`, what a file brought;
            `refused`, why it brought nothing.
    """
    return {"id": name, **more}
