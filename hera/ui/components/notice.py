"""What is said beside an answer, as HTML that screen readers speak: what `hera.safety` has to say,
with whom to call, and what of the conversation the model no longer sees."""

from __future__ import annotations

import html
import re
from collections.abc import Sequence
from typing import Any

import gradio as gr
from gradio.components import Component

from hera.safety.answers import caution_texts, cautions
from hera.safety.care import Call, Care, any_of, calls, paragraphs_here
from hera.safety.numbers import Numbers, by_country, checked
from hera.safety.rules import notices
from hera.types import Message
from hera.ui.caring import cared
from hera.ui.components.events import AT_ONCE
from hera.ui.conversation import LONGEST, Said
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
    return notice_html(cared([*turns, Message(role="user", content=message)]))


def notice_html(care: Care) -> str:
    """The notice, an alert in an emergency or a crisis, a status otherwise; "" if none is due."""
    if not care.parts:
        return ""
    if care.urgent:
        return _urgent(care)
    return f'<div class="notice none" role="status">{_paragraphs(care.notice.split(_GAP))}</div>'


def cautions_html(answer: str) -> str:
    """What stands under a model's answer that must not stand alone; "" where nothing does."""
    texts = caution_texts(cautions(answer), language())
    return f'<div class="caution" role="note">{_paragraphs(texts)}</div>' if texts else ""


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


_GAP = "\n\n"


def _urgent(care: Care) -> str:
    """Whom to call first, then what to do. Every country's numbers are there, so that the page
    (`page.js`) shows another's without asking a server that may be busy."""
    texts, here = notices(care.language), by_country().get(care.country)
    dial = any_of(here.emergency, care.language) if here else ""
    near = _paragraphs(paragraphs_here(care.parts, _DIAL, care.language)).replace(
        _DIAL, f'<span class="dial">{dial}</span>'
    )
    far = _paragraphs([texts[name] for name in care.parts])
    return (
        f'<div class="notice {care.level}" role="alert" data-country="{care.country}">'
        f'<ul class="calls">{_calls(here, care) if here else ""}</ul>'
        f'<div class="here"{"" if here else " hidden"}>{near}</div>'
        f'<div class="anywhere"{" hidden" if here else ""}>{far}</div>{_whose(care)}</div>'
    )


_DIAL = "@DIAL@"


def _calls(numbers: Numbers, care: Care) -> str:
    return "".join(f"<li>{_link(call)}</li>" for call in calls(numbers, care.parts, care.language))


def _link(call: Call) -> str:
    about = f'<span>{html.escape(call.about)}</span><b dir="ltr">{html.escape(call.shown)}</b>'
    note = f"<small>{html.escape(call.note)}</small>" if call.note else ""
    if not call.href:
        return f"<div>{about}{note}</div>"
    web = ' target="_blank" rel="noopener noreferrer"' if call.href.startswith("https:") else ""
    return f'<a href="{html.escape(call.href)}"{web}>{about}{note}</a>'


def _whose(care: Care) -> str:
    """Which country's numbers these are, to be changed; and those of all."""
    words, known = WORDS.talk, by_country()
    names = sorted((each.names[care.language], code) for code, each in known.items())
    options = "".join(
        f'<option value="{code}"{" selected" if code == care.country else ""}>'
        f"{html.escape(name)}</option>"
        for name, code in [(words.other_country, ""), *names]
    )
    others = "".join(
        f'<template data-country="{code}" data-dial="{any_of(each.emergency, care.language)}">'
        f"{_calls(each, care)}</template>"
        for code, each in known.items()
    )
    return (
        f'<p class="whose"><label>{words.numbers_for} <select>{options}</select></label>'
        f"<small>{words.numbers_checked.format(when=checked())}</small></p>{others}"
    )


def _paragraphs(texts: Sequence[str]) -> str:
    return "".join(f"<p>{_bold(text)}</p>" for text in texts)


def _bold(text: str) -> str:
    return re.sub(r"\*\*(.+?)\*\*", r"<strong>\1</strong>", html.escape(text))
