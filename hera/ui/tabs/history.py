"""History: the conversations that the visitor's browser keeps, beside the one on the screen."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import gradio as gr

from hera.errors import InputError
from hera.ui.components.events import AT_ONCE, REFUSES
from hera.ui.components.history import history_panel, told
from hera.ui.conversation import Desk
from hera.ui.conversation import read as turns_of
from hera.ui.errors import shown_errors
from hera.ui.history import First, fresh_name, kept, opened, read
from hera.ui.tabs.chat_screen import Chat, Saved


@contextmanager
def beside_history() -> Iterator[gr.HTML]:
    """Lay out the panel, and beside it, under it on a phone, what is laid out meanwhile."""
    with gr.Row(elem_id="chat-page"):
        with gr.Column(scale=0, min_width=0, elem_id="chat-side"):
            panel = history_panel()
        with gr.Column(min_width=0):
            yield panel


def keeps(panel: gr.HTML, chat: Chat) -> None:
    """Let the browser keep the conversation whenever it has changed and stands, and let the panel
    open others and read files."""
    first = gr.State(First())

    def to_keep(saved: Saved, name: str, first: First) -> dict[str, Any]:
        called = name or first.name
        return told(called, keep=kept(saved, called, chat.serving.model.title))

    def load(name: str, first: First, event: gr.EventData) -> dict[str, Any]:
        sent, called = event._data or {}, name or first.name
        try:
            found = read(str(sent.get("name")), str(sent.get("text")))
        except InputError as error:
            return told(called, refused=str(error), at=time.time_ns())
        return told(called, add=found, at=time.time_ns())

    for end in chat.ends:
        end.then(
            to_keep, [chat.history, chat.name, first], panel, show_progress="hidden", **AT_ONCE
        )
    _opens(to_keep, panel, chat, first)
    panel.imported(load, [chat.name, first], panel, show_progress="hidden", **AT_ONCE)


def _opens(
    keep: Callable[[Saved, str, First], dict[str, Any]], panel: gr.HTML, chat: Chat, first: gr.State
) -> None:
    """A conversation of the list, or a new one; what stood there before is kept as it was."""
    again = gr.State([])

    def filled(saved: Saved, variant: str, desk: Desk) -> list[Any]:
        desk.clear()
        return chat.opened(turns_of(saved), variant, gr.skip())

    @shown_errors
    def open_one(
        desk: Desk, variant: str, saved: Saved, name: str, first: First, event: gr.EventData
    ) -> Iterator[Any]:
        before = keep(saved, name, first)["keep"]
        one = opened(event._data) if event._data else None
        found, called = (one.plain()["turns"], one.id) if one else ([], fresh_name())
        took = {"id": one.id, "when": one.when} if one else None
        shown = told(called, keep=before, took=took, at=time.time_ns())
        yield [*filled(found, variant, desk), called, found, shown]

    # Twice: what the model yielded just before may reach the page after the first.
    panel.opened(
        open_one,
        [chat.desk, chat.picker, chat.history, chat.name, first],
        [*chat.screen, chat.name, again, panel],
        cancels=[chat.run],
        **REFUSES,
    ).success(filled, [again, chat.picker, chat.desk], chat.screen, **AT_ONCE)
