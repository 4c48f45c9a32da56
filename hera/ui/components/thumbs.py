"""Why an answer is good or bad: a form that opens under the conversation, where somebody collects
that."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import gradio as gr

from hera.errors import InputError
from hera.ui.components.buttons import button
from hera.ui.components.events import AT_ONCE, REFUSES
from hera.ui.components.options import some_of
from hera.ui.components.written import filled
from hera.ui.conversation import read
from hera.ui.errors import Handler, shown_errors
from hera.ui.feedback import Feedback
from hera.ui.serving import Serving
from hera.ui.thumb import BAD, GOOD, Thumb, explained, thumb_for
from hera.ui.words import WORDS

_INTO_SIGHT = """() => requestAnimationFrame(() => {
  const form = document.querySelector("#chat-thumbs");
  form?.scrollIntoView({block: "nearest"}); form?.querySelector("input")?.focus();
})"""


def thumbs_form(serving: Serving, feedback: Feedback, shown: gr.HTML, history: gr.State) -> None:
    """The form, hidden until a thumb of `shown` is pressed."""
    words = WORDS.chat.thumbs
    thumb = gr.State(None)
    with gr.Column(visible=False, elem_id="chat-thumbs") as panel:
        about = gr.HTML(elem_id="chat-thumbs-about", apply_default_css=False)
        reasons = some_of(words.reasons, words.why, "chat-thumbs-reasons")
        own = gr.Textbox(
            label=words.words, placeholder=words.words_hint, lines=2, elem_id="chat-thumbs-words"
        )
        agreed = gr.Checkbox(
            label=words.agree.format(repo=feedback.repo), elem_id="chat-thumbs-agree"
        )
        with gr.Row():
            share = button(words.share, "chat-thumbs-share", primary=True)
            cancel = button(words.cancel, "chat-thumbs-cancel")
    told = gr.HTML(elem_id="chat-thumbs-told", apply_default_css=False)
    parts = [thumb, panel, about, reasons, own, agreed, told]
    press, give = _handlers(serving, feedback)
    shown.like(press, history, parts, **REFUSES).success(None, js=_INTO_SIGHT, **AT_ONCE)
    share.click(give, [thumb, reasons, own, agreed], parts, **REFUSES)
    cancel.click(_closed, None, parts, **AT_ONCE)


def _handlers(serving: Serving, feedback: Feedback) -> tuple[Handler, Handler]:
    """What opens the form for an answer, and what shares it; Gradio reads their annotations."""

    @shown_errors
    def press(saved: list[dict[str, Any]], event: gr.EventData) -> Iterator[Any]:
        said = event._data or {}
        turns, up = read(saved), said.get("up") is True
        thumb = thumb_for(serving.model.title, turns, _place(said), up=up)
        words = WORDS.chat.thumbs
        about = filled(words.about_up if up else words.about_down, variant=thumb.variant)
        texts = dict(words.why)
        reasons = [(texts[name], name) for name in (GOOD if up else BAD)]
        yield (
            thumb,
            gr.Column(visible=True),
            about,
            gr.CheckboxGroup(reasons, value=[]),
            "",
            False,
            "",
        )

    @shown_errors
    def give(thumb: Thumb | None, reasons: Sequence[str], own: str, agreed: bool) -> Iterator[Any]:
        words = WORDS.chat.thumbs
        if thumb is None:
            raise InputError(words.nothing)
        if not agreed:
            raise InputError(words.not_agreed)
        feedback.share_thumb(explained(thumb, reasons, own))
        told = filled(words.shared, repo=feedback.repo)
        yield (*_closed()[:-1], f'<div role="status">{told}</div>')

    return press, give


def _closed() -> tuple[Any, ...]:
    return None, gr.Column(visible=False), "", gr.CheckboxGroup(value=[]), "", False, ""


def _place(said: dict[str, Any]) -> int:
    place = said.get("place")
    return place if isinstance(place, int) else -1
