"""The Chat tab: a conversation, one variant answering at a time, and what can be done with it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

import gradio as gr
from gradio.components import Component

from hera.ui.components.buttons import button
from hera.ui.components.events import ANSWERS, AT_ONCE, ON_SCREEN, REFUSES
from hera.ui.components.generation import generation_settings
from hera.ui.components.stop import stops
from hera.ui.components.thumbs import thumbs_form
from hera.ui.components.turns import Around, turns_log
from hera.ui.conversation import Desk, read, switched, undone
from hera.ui.errors import Handler, shown_errors
from hera.ui.feedback import Feedback
from hera.ui.history import fresh_name
from hera.ui.running import Answer
from hera.ui.serving import Serving
from hera.ui.tabs.chat_answers import answers, kept, notice
from hera.ui.tabs.chat_screen import Chat, Saved, scene
from hera.ui.words import WORDS

_AROUND = Around("#chat-message textarea", "#chat-composer", "#chat-variant")


def chat_tab(serving: Serving, answer: Answer, feedback: Feedback | None) -> Chat:
    """Build the tab."""
    words, names = WORDS.chat, list(serving.planned)
    history, desk, name = gr.State([]), gr.State(Desk()), gr.State("")
    picker = gr.Radio(names, value=names[-1], label=words.variant, elem_id="chat-variant")
    log = turns_log("chat-log", _AROUND, scene(serving, feedback))
    if feedback is not None:
        thumbs_form(serving, feedback, log, history)
    with gr.Column(elem_id="chat-composer"):
        beside = gr.HTML(elem_id="chat-left-out")
        above = gr.HTML(elem_id="chat-notice")
        with gr.Row(elem_id="chat-write"):
            box = _box()
            send = button(words.send, "chat-send", primary=True)
            stop = gr.Button(words.stop, min_width=64, visible=False, elem_id="chat-stop")
        with gr.Row(elem_id="chat-foot"):
            meter = gr.HTML(elem_id="chat-meter", apply_default_css=False)
            clear = gr.Button(words.clear, size="sm", min_width=64, elem_id="chat-clear")
    parts = (picker, log, box, beside, above, meter, send, stop, clear)
    chat = Chat(serving, feedback, history, desk, name, *parts)
    run, settled = _runs(chat, answer, generation_settings("chat"))
    return replace(chat, run=run, ends=(*settled, *_changes(chat, run)))


def _box() -> gr.Textbox:
    """Where messages are written: Enter sends, Shift+Enter breaks the line."""
    return gr.Textbox(
        label=WORDS.chat.message,
        placeholder=WORDS.chat.hint,
        lines=1,
        max_lines=8,
        container=False,
        scale=8,
        min_width=120,
        elem_id="chat-message",
    )


def _runs(chat: Chat, answer: Answer, settings: Sequence[Component]) -> tuple[Any, list[Any]]:
    """Let the model answer whatever is asked; returns the event, and those that come last when it
    has ended."""
    asks = [chat.send.click, chat.box.submit, chat.log.submit]
    quiet = {"show_progress": "hidden", **AT_ONCE}
    # Before all else: it must be there while the model still loads or answers somebody else.
    gr.on(asks, notice, [chat.box, chat.history], chat.notice, **quiet)
    run = gr.on(
        asks,
        answers(chat, answer),
        [chat.box, chat.history, chat.picker, chat.desk, *settings],
        [chat.history, chat.log, chat.box, chat.beside, chat.meter, chat.send, chat.stop],
        show_progress="minimal",
        show_progress_on=chat.log,
        **ANSWERS,
        **ON_SCREEN,
    )
    failed = run.failure(kept, [chat.box, chat.desk], chat.box, **quiet)

    def settled(saved: Saved, variant: str) -> list[Any]:
        return chat.at_rest(read(saved), variant)

    # Twice after a stop: what the model yielded just before may reach the page after the first.
    given, last = [chat.history, chat.picker], []
    # A run that fails has no `then` in Gradio.
    for ending in (run, failed, stops(chat.stop, [run], [chat.log])):
        once = ending.then(settled, given, chat.rest, **quiet)
        last.append(once.then(settled, given, chat.rest, **quiet))
    return run, last


def _changes(chat: Chat, run: Any) -> list[Any]:
    """What happens at once, without the model; returns the events that come last."""
    undo, switch = _handlers(chat)
    given = [chat.history, chat.picker]
    undoing = chat.log.undo(undo, [*given, chat.box], chat.screen, **REFUSES)
    switching = chat.log.select(switch, given, chat.screen, **REFUSES)
    wipe = (partial(_wiped, chat), [chat.desk, chat.picker], [*chat.screen, chat.name])
    # Twice: what the model yielded just before may reach the page after the first.
    wiping = chat.clear.click(*wipe, cancels=[run], **AT_ONCE).then(*wipe, **AT_ONCE)
    return [undoing, switching, wiping]


def _handlers(chat: Chat) -> tuple[Handler, Handler]:
    """What takes the last question back, and what shows another answer; Gradio reads their
    annotations."""

    @shown_errors
    def undo(saved: Saved, variant: str, box: str) -> Iterator[Any]:
        turns, question = undone(read(saved))
        yield chat.opened(turns, variant, box or question)

    @shown_errors
    def switch(saved: Saved, variant: str, event: gr.EventData) -> Iterator[Any]:
        shown = (event._data or {}).get("shown")
        turns = switched(read(saved), shown if isinstance(shown, int) else -1)
        yield chat.opened(turns, variant, gr.skip())

    return undo, switch


def _wiped(chat: Chat, desk: Desk, variant: str) -> list[Any]:
    return [*chat.opened(desk.clear(), variant), fresh_name()]
