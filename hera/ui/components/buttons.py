"""The buttons under a message or a form."""

from __future__ import annotations

import gradio as gr


def button(
    text: str, elem_id: str, *, primary: bool = False, interactive: bool = True
) -> gr.Button:
    """One that stays in its row on a phone; `primary` for what the tab is there for."""
    return gr.Button(
        text,
        min_width=64,
        variant="primary" if primary else "secondary",
        interactive=interactive,
        elem_id=elem_id,
    )
