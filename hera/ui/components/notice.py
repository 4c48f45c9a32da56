"""What is said beside an answer, as HTML that screen readers speak: what `hera.safety` has to say,
and what of the conversation the model no longer sees."""

from __future__ import annotations

import html
import re
from collections.abc import Sequence
from typing import Any

import gradio as gr
from gradio.components import Component

from hera.safety import Assessment, assess_conversation
from hera.types import Message
from hera.ui.components.events import AT_ONCE
from hera.ui.conversation import LONGEST, Said, visitor_messages
from hera.ui.language import language
from hera.ui.words import WORDS


def announces(notice: gr.HTML, triggers: Sequence[Any], inputs: Sequence[Component]) -> None:
    """Let `notice` show what a message needs as soon as it is sent: it must be there while the
    model still loads or answers somebody else.

    Args:
        notice: where; what it shows is no part of the conversation.
        triggers: what sends the message.
        inputs: the message, and, where there is a conversation, its turns.
    """
    gr.on(list(triggers), notice_for, list(inputs), notice, show_progress="hidden", **AT_ONCE)


def notice_for(message: str, turns: Sequence[Message] = ()) -> str:
    """What the page shows of the visitor's messages, this one the last; of one that is longer than
    any that is answered, nothing."""
    if len(message) > LONGEST:
        return ""
    return notice_html(assess_conversation([*visitor_messages(turns), message], language()))


def notice_html(assessment: Assessment) -> str:
    """The notice, an alert in an emergency or a crisis, a status otherwise; "" if none is due."""
    if not assessment.notice:
        return ""
    role = "status" if assessment.level == "none" else "alert"
    paragraphs = "".join(f"<p>{_bold(text)}</p>" for text in assessment.notice.split("\n\n"))
    return f'<div class="notice {assessment.level}" role="{role}">{paragraphs}</div>'


def left_out_text(messages: int) -> str:
    """That so many of the first messages were left out; "" for none."""
    return WORDS.talk.left_out.format(n=messages) if messages else ""


def waiting_text(requests: int) -> str:
    """That so many requests come first; "" for none."""
    return WORDS.talk.waiting.format(n=requests) if requests else ""


def beside_html(said: Said) -> str:
    """What the page shows beside an answer: that it waits, and what of the conversation the model
    does not see."""
    wordless = WORDS.chat.wordless if said.finished and not said.text.strip() else ""
    lines = filter(None, (waiting_text(said.ahead), left_out_text(said.left_out), wordless))
    return "".join(f'<p role="status">{html.escape(line)}</p>' for line in lines)


def _bold(text: str) -> str:
    return re.sub(r"\*\*(.+?)\*\*", r"<strong>\1</strong>", html.escape(text))
