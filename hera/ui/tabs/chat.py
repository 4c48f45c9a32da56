"""The Chat tab: one variant, streaming, with stop, retry and clear."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import gradio as gr

from hera.types import Message
from hera.ui.components.buttons import button
from hera.ui.components.events import ANSWERS, AT_ONCE, ON_SCREEN
from hera.ui.components.generation import generation_settings, params_from
from hera.ui.components.notice import announces, beside_html
from hera.ui.components.stop import stops
from hera.ui.components.talk import shown, talk
from hera.ui.conversation import Desk, growing, retried, sent
from hera.ui.errors import Handler, shown_errors
from hera.ui.own import examples as own_or_usual
from hera.ui.running import Answer, visitor
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
    examples = _examples(message, serving)
    given = [history, picker, desk, *generation_settings("chat")]
    outputs = [history, log, message, left_out]
    sends = [send.click, message.submit]
    send_message, retry_message = _handlers(answer)
    sending = gr.on(
        sends,
        send_message,
        [message, *given],
        outputs,
        show_progress="minimal",
        show_progress_on=log,
        **ANSWERS,
        **ON_SCREEN,
    )
    retrying = retry.click(
        retry_message,
        given,
        outputs,
        show_progress="minimal",
        show_progress_on=log,
        **ANSWERS,
        **ON_SCREEN,
    )
    runs = [sending, retrying]
    stops(stop, runs, [log])
    announces(notice, sends, [message, history])
    wiped = [*outputs, notice]
    # Twice: what the model yielded just before may reach the page after the first.
    clear.click(_wipe, desk, wiped, cancels=runs, **AT_ONCE).then(_wipe, desk, wiped, **AT_ONCE)
    return picker, examples


def examples_for(serving: Serving) -> tuple[str, ...]:
    """Messages that the model has an answer to, or that the operator chose."""
    return own_or_usual(serving.own, serving.model)


def _examples(message: gr.Textbox, serving: Serving) -> list[gr.Button]:
    """Buttons that write what stands on them into the message's box."""
    with gr.Row(elem_id="chat-examples"):
        buttons = [gr.Button(text, size="sm") for text in examples_for(serving)]
    for each in buttons:
        each.click(lambda text: text, each, message, **AT_ONCE)
    return buttons


def _handlers(answer: Answer) -> tuple[Handler, Handler]:
    """What sends and what retries; Gradio reads their annotations."""

    @shown_errors
    def send(
        request: gr.Request,
        message: str,
        turns: list[Message],
        variant: str,
        desk: Desk,
        *settings: Any,
    ) -> Iterator[Any]:
        asked = sent(turns, message)
        yield from _respond(answer, asked, variant, desk, settings, visitor(request))

    @shown_errors
    def retry(
        request: gr.Request, turns: list[Message], variant: str, desk: Desk, *settings: Any
    ) -> Iterator[Any]:
        yield from _respond(answer, retried(turns), variant, desk, settings, visitor(request))

    return send, retry


def _respond(
    answer: Answer,
    turns: list[Message],
    variant: str,
    desk: Desk,
    settings: Sequence[Any],
    who: str,
) -> Iterator[Any]:
    # The message leaves its box only when the model has taken it: an error loses nothing, nor does
    # whoever types the next one meanwhile.
    answers = answer(turns, variant, params_from(settings), who)
    earlier = shown(turns)
    box: Any = ""
    for grown, said in growing(turns, answers, desk):
        log = [*earlier, *shown(grown[len(turns) :])]
        yield grown, log, box, beside_html(said)
        box = gr.skip()


def _wipe(desk: Desk) -> tuple[list[Message], list[Any], str, str, str]:
    """For the state, the log, the message's box and the two notices."""
    return desk.clear(), [], "", "", ""
