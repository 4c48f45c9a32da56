"""What lets the model answer in the Chat tab: a message, an edited one, once more, another variant,
or a cut answer that goes on."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

import gradio as gr

from hera.types import GenerationParams, Message
from hera.ui.components.generation import params_from
from hera.ui.components.meter import meter_html
from hera.ui.components.notice import beside_html, notice_for
from hera.ui.components.turns import earlier, log, log_growing
from hera.ui.conversation import (
    Asked,
    Desk,
    Said,
    Turn,
    asked_again,
    edited,
    gone_on,
    growing,
    plain,
    read,
    retried,
    sent,
)
from hera.ui.errors import Handler, shown_errors
from hera.ui.running import Answer, visitor
from hera.ui.tabs.chat_screen import Chat, Saved, send_or_stop


def answers(chat: Chat, answer: Answer) -> Handler:
    """What runs for all of them, so that one thing is answered at a time; Gradio reads its
    annotations."""

    @shown_errors
    def run(
        request: gr.Request,
        event: gr.EventData,
        message: str,
        saved: Saved,
        variant: str,
        desk: Desk,
        *settings: Any,
    ) -> Iterator[Any]:
        said, turns = event._data or {}, read(saved)
        asked = _asked(said, turns, message, variant)
        params = _drawn(params_from(settings), asked)
        desk.unsent = "" if asked.answers else asked.turns[-1].content
        growth = answer(asked.messages, asked.variant, params, visitor(request))
        box = gr.skip() if said else ""
        yield from _growing(chat, turns, asked, growth, desk, params.seed, box)

    return run


def notice(message: str, saved: list[Message], event: gr.EventData) -> Any:
    """What the visitor's messages need to be told, as soon as they are sent."""
    said = event._data or {}
    act = said.get("act")
    if act in ("retry", "ask", "go_on"):
        return gr.skip()
    before = saved[: _number(said.get("place"))] if act == "edit" else saved
    return notice_for(str(said.get("text", message)), before)


def kept(box: str, desk: Desk) -> str:
    """The message of a run that failed, back in its box, unless another is written there by
    now."""
    unsent, desk.unsent = desk.unsent, ""
    return box or unsent


def _asked(said: Mapping[str, Any], turns: Sequence[Turn], message: str, variant: str) -> Asked:
    """What a button of the log asks for; without one, the message in the box."""
    act, text = said.get("act"), str(said.get("text", message))
    if act == "retry":
        return retried(turns, variant)
    if act == "ask":
        return asked_again(turns, str(said.get("variant")))
    if act == "go_on":
        return gone_on(turns)
    if act == "edit":
        return edited(turns, _number(said.get("place")), text, variant)
    return sent(turns, text, variant)


def _drawn(params: GenerationParams, asked: Asked) -> GenerationParams:
    """With a seed of its own for every try; without a draw there is none."""
    return replace(params, seed=params.seed + asked.tries) if params.temperature else params


def _growing(
    chat: Chat,
    turns: Sequence[Turn],
    asked: Asked,
    growth: Iterator[Said],
    desk: Desk,
    seed: int,
    box: Any,
) -> Iterator[Any]:
    """The screen as the answer grows. A message leaves its box at once; where the answer fails
    before its first word, it goes back there (`kept`), and the conversation is what it was."""
    scene, begun, last = chat.scene, desk.cleared, list(turns)
    before = earlier(asked.turns, scene)

    def shown(grown: Sequence[Turn], *, blank: bool) -> dict[str, Any]:
        return log_growing(before, asked.variant, None if blank else grown[-1], scene)

    waiting = shown(asked.before, blank=not asked.goes_on)
    yield plain(asked.before), waiting, box, "", gr.skip(), *send_or_stop(running=True)
    rest = (gr.skip(), gr.skip())
    try:
        for grown, said in growing(asked, growth, desk, seed):
            blank = not asked.goes_on and not said.text.strip()
            if not blank:
                last, desk.unsent = grown, ""
            meter = meter_html(said.used, said.window)
            yield (
                *(plain(grown), shown(grown, blank=blank)),
                *(gr.skip(), beside_html(said), meter, *rest),
            )
    except GeneratorExit:  # stopped: the question stays, for another try
        desk.unsent = ""
        raise
    except Exception:  # whatever it is, it is said; the screen must not stay half way
        if desk.cleared == begun:
            yield (
                *(plain(last), log(last, scene)),
                *(gr.skip(), "", gr.skip(), *send_or_stop(running=False)),
            )
        raise


def _number(said: Any) -> int:
    return said if isinstance(said, int) else -1
