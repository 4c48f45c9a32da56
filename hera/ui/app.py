"""The page: title, disclaimer, the model's state, and the three tabs."""

from __future__ import annotations

from typing import Any

import gradio as gr

from hera.ui.chat import chat_tab
from hera.ui.compare import compare_tab
from hera.ui.pubmedqa import pubmedqa_tab
from hera.ui.serving import Serving
from hera.ui.theme import CSS, DISCLAIMER, theme

INTRO = (
    "# HERA\nOne base model and its fine-tuned variants, side by side: chat, compare, "
    "and measure them on PubMedQA."
)


def build(serving: Serving) -> gr.Blocks:
    """The Blocks of the whole app; nothing is loaded yet."""
    demo: gr.Blocks = gr.Blocks(title="HERA", analytics_enabled=False)
    with demo:
        gr.Markdown(INTRO, elem_id="title")
        gr.Markdown(DISCLAIMER, elem_id="disclaimer")
        status = gr.Markdown(serving.status(), elem_id="status")
        with gr.Tabs():
            with gr.Tab("Chat", id="chat"):
                picker = chat_tab(serving)
            with gr.Tab("Compare", id="compare"):
                headings = compare_tab(serving)
            with gr.Tab("PubMedQA", id="pubmedqa"):
                variants = pubmedqa_tab(serving)
        timer = gr.Timer(0.5)
        outputs = [status, timer, picker, variants, *headings]

        def refresh() -> list[Any]:
            serving.start()
            waiting = serving.state == "loading"
            if waiting:
                return [serving.status(), *[gr.skip()] * (len(outputs) - 1)]
            names = list(serving.planned)
            padded = [*names, *[" "] * len(headings)][: len(headings)]
            return [
                serving.status(),
                gr.Timer(active=False),
                gr.Radio(names, value=names[-1]),
                gr.CheckboxGroup(names, value=names),
                *(f"### {name}" for name in padded),
            ]

        timer.tick(
            refresh, None, outputs, show_progress="hidden", queue=False, api_visibility="private"
        )
    demo.queue(max_size=serving.queue)
    return demo


def launch_options() -> dict[str, Any]:
    """What `launch` needs for this look, and for a page that keeps and fetches nothing."""
    return {
        "theme": theme(),
        "css": CSS,
        "run_history": False,
        "ssr_mode": False,
        "footer_links": ["api"],
        "enable_monitoring": False,
    }
