"""The page: title, disclaimer, the model's state, and the three tabs."""

from __future__ import annotations

from functools import partial
from typing import Any

import gradio as gr
from starlette.middleware import Middleware

from hera.ui.asking import Asking
from hera.ui.components.columns import Beside, columns_html
from hera.ui.components.events import AT_ONCE
from hera.ui.endpoints import (
    chat_endpoint,
    compare_endpoint,
    health_endpoint,
    pubmedqa_endpoint,
)
from hera.ui.explain_endpoints import explain_endpoints
from hera.ui.explaining import explaining
from hera.ui.feedback import Feedback
from hera.ui.health import health_route
from hera.ui.root_path import BesideThePage
from hera.ui.running import answering, pairing, scoring, stepping
from hera.ui.serving import Serving
from hera.ui.tabs.chat import chat_tab, examples_for
from hera.ui.tabs.compare import compare_tab, suggestions
from hera.ui.tabs.pubmedqa import pubmedqa_tab
from hera.ui.theme import CSS, theme
from hera.ui.upload import MOST_SENT
from hera.ui.upload_size import SmallUploads
from hera.ui.view import View
from hera.ui.words import WORDS

_UNREAD_UPLOADS = (60, 600)
"""How often, in seconds, uploads are removed that arrived so long ago and were never read: their
page was closed. What is read is gone at once."""


def build(serving: Serving, asking: Asking, feedback: Feedback | None) -> gr.Blocks:
    """The Blocks of the whole app; nothing is loaded yet. `feedback`: where votes may go."""
    answer, steps, score = answering(serving), stepping(serving), scoring(serving)
    explain = explaining(serving)
    demo: gr.Blocks = gr.Blocks(
        title=WORDS.page.title, analytics_enabled=False, delete_cache=_UNREAD_UPLOADS
    )
    with demo:
        gr.Markdown(WORDS.page.intro, elem_id="title")
        gr.Markdown(WORDS.page.disclaimer, elem_id="disclaimer")
        status = gr.HTML(serving.status(), elem_id="status")
        with gr.Tabs():
            with gr.Tab(WORDS.chat.tab, id="chat"):
                picker, examples = chat_tab(serving, answer)
            with gr.Tab(WORDS.compare.tab, id="compare"):
                compared = compare_tab(serving, steps, explain, pairing(serving), feedback)
            with gr.Tab(WORDS.pubmedqa.tab, id="pubmedqa") as tab:
                variants = pubmedqa_tab(tab, serving, asking, score)
        chat_endpoint(serving, answer)
        compare_endpoint(serving, steps)
        pubmedqa_endpoint(serving, asking, score)
        explain_endpoints(serving, explain)
        health_endpoint(serving)
        timer = gr.Timer(0.5)
        timer.tick(
            partial(_refresh, serving),
            None,
            [status, timer, picker, variants, compared.picker, compared.shown, *examples],
            show_progress="hidden",
            **AT_ONCE,
        )
    demo.queue(max_size=serving.queue)
    return demo


def _refresh(serving: Serving) -> list[Any]:
    """The model's state, and once it is there no more ticks, its variants' names for the three
    pickers, Compare's columns and its examples."""
    serving.start()
    examples = examples_for(serving.model)
    if serving.state == "loading":
        return [serving.status(), *[gr.skip()] * (5 + len(examples))]
    names = list(serving.planned)
    return [
        serving.status(),
        gr.Timer(active=False),
        gr.Radio(names, value=names[-1]),
        gr.CheckboxGroup(names, value=names),
        gr.Dropdown(suggestions(names), value=names),
        columns_html(names, None, View(), Beside(names)),
        *examples,
    ]


def launch_options(serving: Serving) -> dict[str, Any]:
    """What `launch` needs for this look, for a page that keeps and fetches nothing, and for
    `GET /health`."""
    return {
        "theme": theme(),
        "css": CSS,
        "run_history": False,
        "ssr_mode": False,
        "footer_links": ["api"],
        "enable_monitoring": False,
        "max_file_size": MOST_SENT,
        "app_kwargs": {
            "middleware": [Middleware(BesideThePage), Middleware(SmallUploads)],
            "routes": [health_route(serving)],
        },
    }
