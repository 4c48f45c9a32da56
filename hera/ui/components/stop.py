"""A Stop button that leaves no error behind."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import gradio as gr
from gradio.components import Component

from hera.ui.components.events import AT_ONCE


def stops(button: gr.Button, events: Sequence[Any], shown: Sequence[Component]) -> Any:
    """Let `button` cancel `events`, whose progress is shown on the components `shown`; returns the
    event of the cancelling.

    Gradio 6 ends a cancelled event without data. Where that reaches the page later than the answer
    to the cancelling itself, the page takes it for a failure and leaves "Error" over `shown`. So a
    failure is followed by an event that changes nothing, and its success is what stays. The message
    of a HeraError is not touched by it.

    How an event ends is read out, once, instead of each of its tokens.
    """
    for event in events:
        event.success(None, js=_says("finished"), **AT_ONCE)
        event.failure(gr.skip, None, list(shown), **AT_ONCE)
        event.failure(None, js=_says("failed"), **AT_ONCE)
    return button.click(None, cancels=list(events), js=_says("stopped"), api_visibility="private")


def _says(how: str) -> str:
    return f"() => hera.say('{how}')"
