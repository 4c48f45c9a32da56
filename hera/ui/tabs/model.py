"""The Model tab: what is loaded, what it scores, and how to have the same elsewhere."""

from __future__ import annotations

import sys

import gradio as gr

from hera.errors import one_line
from hera.ui.components.copying import copy_script
from hera.ui.components.sheet import sheet_html
from hera.ui.components.written import filled
from hera.ui.sheets import Sheets
from hera.ui.words import WORDS

_SCRIPT = """
element.addEventListener("click", async event => {
  const button = event.target.closest("[data-copy]");
  if (button) await copyBy(button, button.dataset.copy);
});
"""


def model_tab(sheets: Sheets) -> gr.HTML:
    """Build the tab; returns what `model_shown` fills once the model is there."""
    words = WORDS.model
    return gr.HTML(
        model_shown(sheets),
        js_on_load=copy_script(words.copy_text, words.copied_text) + _SCRIPT,
        apply_default_css=False,
        elem_id="model",
    )


def model_shown(sheets: Sheets) -> str:
    """The sheet, or why there is none."""
    serving = sheets.serving
    if serving.state == "loading":
        return f'<div class="nothing">{filled(WORDS.model.loading)}</div>'
    if serving.state == "failed":
        return filled(WORDS.status.failed, error=str(serving.error))
    try:
        return sheet_html(sheets.now(), report=serving.report is not None)
    except Exception as error:  # whatever a library raises of a file, the other tabs must open
        print(f"note: the Model tab: {one_line(error)}", file=sys.stderr, flush=True)
        return filled(WORDS.model.broken, error=one_line(error))
