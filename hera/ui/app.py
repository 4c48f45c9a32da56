"""The page: title, disclaimer, the model's state, and the tabs."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import gradio as gr
from starlette.middleware import Middleware

from hera.ui.asking import Asking
from hera.ui.bilingual import Bilingual, InItsLanguage, in_every_language
from hera.ui.components.events import AT_ONCE
from hera.ui.endpoints import (
    chat_endpoint,
    compare_endpoint,
    film_endpoint,
    health_endpoint,
    pubmedqa_endpoint,
)
from hera.ui.explain_endpoints import explain_endpoints
from hera.ui.explaining import Explain
from hera.ui.feedback import Feedback
from hera.ui.filming import Filming
from hera.ui.gpu import ZERO_GPU
from hera.ui.health import health_route
from hera.ui.keep_endpoints import keep_endpoints
from hera.ui.model_endpoint import model_endpoint
from hera.ui.root_path import BesideThePage
from hera.ui.running import answering, pairing, scoring, stepping
from hera.ui.serving import Serving
from hera.ui.sheets import Sheets
from hera.ui.tabs.chat import chat_tab, examples_for
from hera.ui.tabs.columns import shown_columns, suggestions
from hera.ui.tabs.compare import compare_tab
from hera.ui.tabs.film import film_shown
from hera.ui.tabs.keep import linked, open_link
from hera.ui.tabs.model import model_shown, model_tab
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
    """The Blocks of the whole app in every language; nothing is loaded yet. `feedback`: where votes
    may go."""
    return in_every_language(lambda: _screens(serving, asking, feedback))


def _screens(serving: Serving, asking: Asking, feedback: Feedback | None) -> Bilingual:
    answer, steps, score = answering(serving), stepping(serving), scoring(serving)
    explain = Explain(serving)
    filming = Filming(serving)
    sheets = Sheets(serving)
    demo = Bilingual(title=WORDS.page.title, analytics_enabled=False, delete_cache=_UNREAD_UPLOADS)
    with demo:
        gr.Markdown(WORDS.page.intro, elem_id="title")
        gr.Markdown(WORDS.page.disclaimer, elem_id="disclaimer")
        status = gr.HTML(serving.status(), elem_id="status")
        with gr.Tabs() as tabs:
            with gr.Tab(WORDS.chat.tab, id="chat"):
                picker, examples = chat_tab(serving, answer)
            with gr.Tab(WORDS.compare.tab, id="compare"):
                pair = pairing(serving)
                compared = compare_tab(serving, steps, explain, filming, pair, feedback)
            with gr.Tab(WORDS.pubmedqa.tab, id="pubmedqa") as tab:
                variants = pubmedqa_tab(tab, serving, asking, score)
            with gr.Tab(WORDS.model.tab, id="model", elem_id="model-tab"):
                model = model_tab(sheets)
        chat_endpoint(serving, answer)
        compare_endpoint(serving, steps)
        film_endpoint(filming)
        pubmedqa_endpoint(serving, asking, score)
        explain_endpoints(serving, explain)
        keep_endpoints(serving, steps, explain)
        model_endpoint(sheets)
        health_endpoint(serving)
        timer = gr.Timer(0.5)
        timer.tick(
            _refresh(serving, filming, sheets),
            None,
            [
                *(status, timer, picker, variants),
                *(compared.picker, compared.shown, compared.begin, compared.film),
                model,
                *examples,
            ],
            show_progress="hidden",
            **AT_ONCE,
        )
        demo.load(
            _opening(serving), None, [tabs, *compared.opens], show_progress="hidden", **AT_ONCE
        )
    demo.queue(max_size=serving.queue)
    return demo


def _opening(serving: Serving) -> Callable[[gr.Request], list[Any]]:
    """What a link shows as soon as the page is there; Gradio reads its annotation."""

    def opened(request: gr.Request) -> list[Any]:
        return open_link(serving, request)

    return opened


def _refresh(
    serving: Serving, filming: Filming, sheets: Sheets
) -> Callable[[gr.Request], list[Any]]:
    """What makes the model's state, and once it is there no more ticks, its variants' names for the
    three pickers, Compare's columns, what starts a link's answers, its film, what is told of the
    model, and its examples."""

    def refreshed(request: gr.Request) -> list[Any]:
        serving.start()
        examples = examples_for(serving.model)
        if serving.state == "loading":
            return [serving.status(), *[gr.skip()] * (8 + len(examples))]
        names = list(serving.planned)
        asked = linked(request)
        columns = list(asked.asked) if asked else names
        return [
            serving.status(),
            gr.Timer(active=False),
            gr.Radio(names, value=names[-1]),
            gr.CheckboxGroup(names, value=names),
            gr.Dropdown(suggestions(names), value=columns),
            shown_columns(serving, columns, None, View()),
            "now" if asked and not ZERO_GPU else gr.skip(),
            film_shown(filming),
            model_shown(sheets),
            *examples,
        ]

    return refreshed


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
            "middleware": [
                Middleware(BesideThePage),
                Middleware(SmallUploads),
                Middleware(InItsLanguage),
            ],
            "routes": [health_route(serving)],
        },
    }
