"""Turns as bubbles, each with a button that copies what was written.

Not Gradio's Chatbot: what it is given is both rendered and copied, so that a `<` is either HTML, or
copied as `&lt;`. It also sets every message from left to right.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import gradio as gr

from hera.types import Message
from hera.ui.components.copying import ICON, copy_script
from hera.ui.components.notice import cautions_html
from hera.ui.components.written import as_written, marked_up
from hera.ui.words import WORDS

# Not read out token by token: how a run ends is (`hera.ui.components.stop`).
_TEMPLATE = """<div class="turns" role="log" aria-live="off" aria-label="${name}" tabindex="0">
${value.map(turn => `<div class="turn ${turn.by}">
<div class="said" data-testid="${turn.by}">${turn.html}</div>
<button type="button" class="copy" aria-label="${copy}" title="${copy}">
@ICON@</button>
</div>
${turn.caution}`).join("") || `<p class="nothing">${nothing}</p>`}</div>""".replace("@ICON@", ICON)

_SCRIPT = """
const log = () => element.querySelector(".turns");
const written = button => props.value[[...element.querySelectorAll(".copy")].indexOf(button)].text;
element.addEventListener("click", async event => {
  const button = event.target.closest(".copy");
  if (!button) return;
  await copyBy(button, written(button));
});
let turns = 0, atEnd = true;
element.addEventListener("scroll", event => {
  const it = event.target;
  atEnd = it.scrollHeight - it.scrollTop - it.clientHeight < 40;
}, true);
watch("value", () => {
  if (atEnd || props.value.length > turns) log().scrollTop = log().scrollHeight;
  turns = props.value.length;
});
"""


def talk(elem_id: str, name: str, nothing: str = "") -> gr.HTML:
    """Where turns are shown: `name` is read out for it, `nothing` stands there while it is empty.
    Its value is what `shown` makes of turns."""
    words = WORDS.talk
    return gr.HTML(
        [],
        html_template=_TEMPLATE,
        js_on_load=copy_script(words.copy_message, words.copied_message) + _SCRIPT,
        apply_default_css=False,
        container=True,
        elem_id=elem_id,
        elem_classes="talk",
        name=name,
        nothing=nothing,
        copy=words.copy_message,
    )


def shown(turns: Sequence[Message]) -> list[dict[str, Any]]:
    """The turns as `talk` takes them: a visitor's as it was written, an answer's Markdown rendered
    with the cautions under it, and of both the text to copy."""
    return [_shown(turn["role"], turn["content"]) for turn in turns]


def _shown(role: str, text: str) -> dict[str, Any]:
    if role == "user":
        return {"by": "user", "html": as_written(text), "text": text, "caution": ""}
    return {"by": "bot", "html": marked_up(text), "text": text, "caution": cautions_html(text)}
