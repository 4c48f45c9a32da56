"""The Chat tab: one variant, streaming, with stop, retry and clear."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial
from typing import Any

import gradio as gr

from hera.refs import Ref
from hera.types import Message
from hera.ui.components.buttons import button
from hera.ui.components.events import AT_ONCE, RUNS_MODEL
from hera.ui.components.generation import generation_settings, params_from
from hera.ui.components.notice import announces, left_out_html
from hera.ui.components.stop import stops
from hera.ui.components.talk import shown, talk
from hera.ui.conversation import Desk, growing, retried, sent
from hera.ui.errors import shown_errors
from hera.ui.running import Answer
from hera.ui.serving import Serving
from hera.ui.words import WORDS


def chat_tab(serving: Serving, answer: Answer) -> tuple[gr.Radio, list[gr.Button]]:
    """Build the tab; returns the variant picker, whose choices the model decides, and the buttons
    with the examples, which it decides too."""
    words, names = WORDS.chat, list(serving.planned)
    picker = gr.Radio(names, value=names[-1], label=words.variant, elem_id="chat-variant")
    log = talk("chat-log", words.conversation, words.nothing_yet)
    left_out, notice = gr.HTML(elem_id="chat-left-out"), gr.HTML(elem_id="chat-notice")
    history, desk = gr.State([]), gr.State(Desk())
    message = gr.Textbox(
        label=words.message, placeholder=words.hint, lines=2, elem_id="chat-message"
    )
    with gr.Row():
        send = button(words.send, "chat-send", primary=True)
        stop = button(words.stop, "chat-stop")
        retry = button(words.retry, "chat-retry")
        clear = button(words.clear, "chat-clear")
    examples = _examples(message, serving.model)
    given = [history, picker, desk, *generation_settings("chat")]
    outputs = [history, log, message, left_out]
    sends = [send.click, message.submit]
    sending = gr.on(
        sends,
        partial(_send, answer),
        [message, *given],
        outputs,
        show_progress="minimal",
        show_progress_on=log,
        **RUNS_MODEL,
    )
    retrying = retry.click(
        partial(_retry, answer),
        given,
        outputs,
        show_progress="minimal",
        show_progress_on=log,
        **RUNS_MODEL,
    )
    runs = [sending, retrying]
    stops(stop, runs, [log])
    announces(notice, sends, [message, history])
    wiped = [*outputs, notice]
    # Twice: what the model yielded just before may reach the page after the first.
    clear.click(_wipe, desk, wiped, cancels=runs, **AT_ONCE).then(_wipe, desk, wiped, **AT_ONCE)
    return picker, examples


def examples_for(model: Ref) -> tuple[str, ...]:
    """Messages that a model has an answer to."""
    return WORDS.chat.embedded_examples if model.is_embedded else WORDS.chat.examples


def _examples(message: gr.Textbox, model: Ref) -> list[gr.Button]:
    """Buttons that write what stands on them into the message's box."""
    with gr.Row(elem_id="chat-examples"):
        buttons = [gr.Button(text, size="sm") for text in examples_for(model)]
    for each in buttons:
        each.click(lambda text: text, each, message, **AT_ONCE)
    return buttons


@shown_errors
def _send(
    answer: Answer, message: str, turns: list[Message], variant: str, desk: Desk, *settings: Any
) -> Iterator[Any]:
    yield from _respond(answer, sent(turns, message), variant, desk, settings)


@shown_errors
def _retry(
    answer: Answer, turns: list[Message], variant: str, desk: Desk, *settings: Any
) -> Iterator[Any]:
    yield from _respond(answer, retried(turns), variant, desk, settings)


def _respond(
    answer: Answer, turns: list[Message], variant: str, desk: Desk, settings: Sequence[Any]
) -> Iterator[Any]:
    # The message leaves its box only when the model has taken it: an error loses nothing, nor does
    # whoever types the next one meanwhile.
    answers, earlier = answer(turns, variant, params_from(settings)), shown(turns)
    box: Any = ""
    for grown, left_out in growing(turns, answers, desk):
        log = [*earlier, *shown(grown[len(turns) :])]
        yield grown, log, box, left_out_html(left_out)
        box = gr.skip()


def _wipe(desk: Desk) -> tuple[list[Message], list[Any], str, str, str]:
    """For the state, the log, the message's box and the two notices."""
    return desk.clear(), [], "", "", ""
