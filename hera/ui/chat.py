"""The Chat tab: one variant, streaming, with stop, retry and clear; and the `/chat` endpoint.

What a message needs besides the model's answer (`hera.safety`) is shown under the conversation,
before the model has begun; it is no part of the conversation.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import gradio as gr
from gradio.events import api

from hera.engine import GenerationParams, Message
from hera.errors import InputError
from hera.prompts import check_messages
from hera.safety import assess_conversation, with_notice
from hera.ui.gpu import on_gpu
from hera.ui.notice import notice_html
from hera.ui.serving import GPU, Serving, clear_errors
from hera.ui.stopping import stops
from hera.ui.text import safe

EXAMPLES = (
    "I have a throbbing headache on one side. What should I do?",
    "What are the signs of asthma?",
    "When should I see a doctor about back pain?",
)
_DEFAULTS = GenerationParams()


@dataclass
class Desk:
    """How often a visitor has cleared the conversation: a run that began before must not write."""

    cleared: int = 0


def wipe(desk: Desk) -> tuple[list[Message], list[Any], str, str]:
    """An empty conversation, for the state, the log, the message's box and the notice."""
    desk.cleared += 1
    return [], [], "", ""


def notice_for(text: str, turns: list[Message]) -> str:
    """What the page shows of the visitor's messages, this one the last."""
    return notice_html(assess_conversation([*_asked(turns), text]))


def checked(message: str) -> str:
    """The message without surrounding space.

    Raises:
        InputError: it is empty.
    """
    if not message or not message.strip():
        raise InputError("The message is empty: write something first.")
    return message.strip()


Answer = Callable[[list[Message], str, GenerationParams], Iterator[str]]


def answering(serving: Serving) -> Answer:
    """A function of (conversation, variant, params): the variant's answer so far, once a token;
    closing the iterator stops the model."""

    def answer(history: list[Message], variant: str, params: GenerationParams) -> Iterator[str]:
        stream = serving.engine().stream({variant: history}, params)
        try:
            for step in stream:
                yield step.texts[variant]
        finally:
            stream.close()

    def seconds(_: list[Message], __: str, params: GenerationParams) -> float:
        return serving.gpu_seconds.start + serving.gpu_seconds.token * params.max_new_tokens

    return on_gpu(answer, seconds)


def generation_settings(tab: str) -> list[gr.components.Component]:
    """The sliders that make a GenerationParams, in its order."""
    with gr.Accordion("Generation", open=False, elem_id=f"{tab}-settings"):
        tokens = gr.Slider(
            1, 1024, _DEFAULTS.max_new_tokens, step=1, label="Longest answer, in tokens"
        )
        temperature = gr.Slider(
            0, 2, _DEFAULTS.temperature, step=0.05, label="Temperature (0: always the likeliest)"
        )
        top_p = gr.Slider(0.05, 1, _DEFAULTS.top_p, step=0.05, label="Top-p")
        seed = gr.Number(_DEFAULTS.seed, precision=0, label="Seed")
    return [tokens, temperature, top_p, seed]


def chat_tab(serving: Serving) -> gr.Radio:
    """Build the tab; returns the variant picker, whose choices the model decides."""
    names = serving.planned
    picker = gr.Radio(list(names), value=names[-1], label="Variant", elem_id="chat-variant")
    log = gr.Chatbot(
        elem_id="chat-log",
        label="Conversation",
        show_label=False,
        height="min(56vh, 520px)",
        buttons=["copy"],
        feedback_options=None,
        placeholder="Ask about a common complaint.",
        allow_tags=False,
    )
    notice = gr.HTML(elem_id="chat-notice")
    history = gr.State([])
    desk = gr.State(Desk())
    message = gr.Textbox(
        label="Message", placeholder="Ask a health question", lines=2, elem_id="chat-message"
    )
    with gr.Row():
        send = gr.Button("Send", min_width=64, variant="primary", elem_id="chat-send")
        stop = gr.Button("Stop", min_width=64, elem_id="chat-stop")
        retry = gr.Button("Retry", min_width=64, elem_id="chat-retry")
        clear = gr.Button("Clear", min_width=64, elem_id="chat-clear")
    with gr.Row(elem_id="chat-examples"):
        examples = [gr.Button(text, size="sm") for text in EXAMPLES]
    settings = generation_settings("chat")
    answer = answering(serving)

    @clear_errors
    def send_message(
        text: str, turns: list[Message], variant: str, desk: Desk, *values: Any
    ) -> Iterator[Any]:
        answered = turns[:-1] if turns and turns[-1]["role"] == "user" else turns
        asked = [*answered, Message(role="user", content=checked(text))]
        yield from respond(asked, variant, desk, values)

    @clear_errors
    def try_again(turns: list[Message], variant: str, desk: Desk, *values: Any) -> Iterator[Any]:
        asked = turns[: _last_user(turns) + 1]
        yield from respond(asked, variant, desk, values)

    def respond(asked: list[Message], variant: str, desk: Desk, values: Any) -> Iterator[Any]:
        begun = desk.cleared
        # The message leaves its box only when the model has taken it: an error loses nothing.
        for text in answer(asked, variant, params_from(values)):
            if desk.cleared != begun:
                return
            turns = [*asked, Message(role="assistant", content=text)] if text.strip() else asked
            yield turns, _shown(turns), ""

    events: dict[str, Any] = {
        "concurrency_id": GPU,
        "concurrency_limit": 1,
        "api_visibility": "private",
    }
    outputs = [history, log, message]
    runs = [
        gr.on(
            [send.click, message.submit],
            send_message,
            [message, history, picker, desk, *settings],
            outputs,
            show_progress="minimal",
            show_progress_on=log,
            **events,
        ),
        retry.click(
            try_again, [history, picker, desk, *settings], outputs, show_progress_on=log, **events
        ),
    ]
    stops(stop, runs, [log])
    at_once: dict[str, Any] = {"queue": False, "api_visibility": "private"}
    # Not in the queue: it must be there while the model still loads or answers somebody else.
    gr.on(
        [send.click, message.submit],
        notice_for,
        [message, history],
        notice,
        show_progress="hidden",
        **at_once,
    )
    wiped = [*outputs, notice]
    # Twice: what the model yielded just before may reach the page after the first.
    clear.click(wipe, desk, wiped, cancels=runs, **at_once).then(wipe, desk, wiped, **at_once)
    for button, text in zip(examples, EXAMPLES, strict=True):
        button.click(lambda text=text: text, None, message, queue=False, api_visibility="private")
    chat_endpoint(serving, answer)
    return picker


def chat_endpoint(serving: Serving, answer: Answer) -> None:
    """`/chat`, a stream of the text so far."""

    @clear_errors
    def chat(
        message: str,
        variant: str = "",
        history: list[dict[str, str]] = [],  # noqa: B006  (Gradio shows it as the default; only read)
        max_new_tokens: int = _DEFAULTS.max_new_tokens,
        temperature: float = _DEFAULTS.temperature,
        top_p: float = _DEFAULTS.top_p,
        seed: int = _DEFAULTS.seed,
    ) -> Iterator[str]:
        """Answer a message with one variant (the last one if none is named). `history` holds
        earlier turns as {"role": "user" | "assistant", "content": text}. Where the visitor's
        messages tell of an emergency or a crisis, or ask for a dose, a diagnosis and the like, the
        text begins with a notice and an empty line; the model's answer follows unchanged."""
        if not all(isinstance(turn, dict) for turn in history):
            raise InputError('history must hold {"role", "content"} objects.')
        turns = [Message(role=m.get("role", ""), content=m.get("content", "")) for m in history]
        asked = [*turns, Message(role="user", content=checked(message))]
        params = params_from((max_new_tokens, temperature, top_p, seed))
        check_messages(asked)
        notice = assess_conversation(_asked(asked)).notice
        for text in answer(asked, variant or serving.engine().variants[-1], params):
            yield with_notice(notice, text)

    api(chat, api_name="chat", concurrency_id=GPU, concurrency_limit=1)


def params_from(values: Any) -> GenerationParams:
    """From what the sliders or a caller give.

    Raises:
        InputError: a value that is no number, or out of range.
    """
    try:
        tokens, temperature, top_p, seed = values
        return GenerationParams(int(tokens), float(temperature), float(top_p), int(seed))
    except (TypeError, ValueError, OverflowError) as error:
        raise InputError(
            "max_new_tokens and seed must be whole numbers, temperature and top_p numbers."
        ) from error


def _asked(turns: list[Message]) -> list[str]:
    return [turn["content"] for turn in turns if turn["role"] == "user"]


def _last_user(turns: list[Message]) -> int:
    places = [i for i, turn in enumerate(turns) if turn["role"] == "user"]
    if not places:
        raise InputError("There is nothing to retry yet: send a message first.")
    return places[-1]


def _shown(turns: list[Message]) -> list[dict[str, str]]:
    return [{"role": turn["role"], "content": safe(turn["content"])} for turn in turns]
