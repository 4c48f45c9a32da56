"""Other tabs of the same browser: what one of them keeps, the others are told."""

from __future__ import annotations

import gradio as gr

_SCRIPT = """
const others = new BroadcastChannel(props.channel);
watch("value", () => { if (props.value) others.postMessage(props.value); });
others.onmessage = message => trigger("edit", message.data);
"""


def other_tabs(channel: str, elem_id: str) -> gr.HTML:
    """Shows nothing. Its value, plain JSON, goes to every other tab that has one of this channel;
    `edit` tells of what comes from there."""
    return gr.HTML(
        None,
        html_template="<span hidden></span>",
        js_on_load=_SCRIPT,
        apply_default_css=False,
        elem_id=elem_id,
        elem_classes="unseen",
        channel=channel,
    )
