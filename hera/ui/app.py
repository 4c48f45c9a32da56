"""The page: its header with the model's state, the tabs, and its foot."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import gradio as gr
from starlette.middleware import Middleware

from hera.config import Config
from hera.ui.abstract_endpoint import own_abstract_endpoint
from hera.ui.alive import alive_route
from hera.ui.asking import Asking
from hera.ui.bilingual import Bilingual, InItsLanguage, in_every_language
from hera.ui.blind_endpoints import blind_endpoints
from hera.ui.card import card_route
from hera.ui.caring import holding, holding_steps
from hera.ui.components import frame
from hera.ui.components.colours import use_colours
from hera.ui.components.events import AT_ONCE, THREADS
from hera.ui.components.privacy import privacy
from hera.ui.components.turns import log
from hera.ui.deep_links import benchmark_of, elem_id, follows_address, tab_of
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
from hera.ui.guard.all import guards
from hera.ui.guard.signing_in import signed_in
from hera.ui.health import health_route
from hera.ui.keep_endpoints import keep_endpoints
from hera.ui.leaving import NotesRequests
from hera.ui.likelihood_endpoints import likelihood_endpoints
from hera.ui.metrics import metrics_route
from hera.ui.model_endpoint import model_endpoint
from hera.ui.own import disclaimer, intro, title
from hera.ui.page_html import ChangedPage
from hera.ui.report import report_route
from hera.ui.root_path import beside_the_page
from hera.ui.running import answering, pairing, scoring, stepping
from hera.ui.serving import Serving
from hera.ui.sheets import Sheets
from hera.ui.social import social_tags
from hera.ui.tabs.chat import chat_tab
from hera.ui.tabs.chat_screen import Chat, Saved
from hera.ui.tabs.columns import shown_columns, suggestions
from hera.ui.tabs.compare import compare_tab
from hera.ui.tabs.film import film_shown
from hera.ui.tabs.history import beside_history, keeps
from hera.ui.tabs.keep import linked, open_link
from hera.ui.tabs.model import model_shown, model_tab
from hera.ui.tabs.picker import measuring_tab
from hera.ui.theme import CSS, FAVICON, HEAD, theme
from hera.ui.upload import MOST_SENT
from hera.ui.view import View
from hera.ui.words import WORDS

_UNREAD_UPLOADS = (60, 600)
"""How often, in seconds, uploads are removed that arrived so long ago and were never read: their
page was closed. What is read is gone at once."""


def build(serving: Serving, asking: Asking, feedback: Feedback | None) -> Bilingual:
    """The Blocks of the whole app in every language; nothing is loaded yet. `feedback`: where votes
    may go."""
    use_colours(serving.own.colours)
    return in_every_language(lambda: _screens(serving, asking, feedback))


def _screens(serving: Serving, asking: Asking, feedback: Feedback | None) -> Bilingual:
    answer, steps = holding(answering(serving)), holding_steps(stepping(serving))
    score, pair, explain = scoring(serving), pairing(serving), Explain(serving)
    filming = Filming(serving)
    own, sheets = serving.own, Sheets(serving)
    demo = Bilingual(title=title(own), analytics_enabled=False, delete_cache=_UNREAD_UPLOADS)
    with demo:
        frame.skip_link()
        frame.connection_line()
        with gr.Row(elem_id="header"):
            gr.Markdown(intro(own), elem_id="title")
            status = gr.HTML(serving.status(), elem_id="status")
            frame.acts()
        gr.Markdown(disclaimer(own), elem_id="disclaimer")
        tabs = gr.Tabs(elem_id="tabs", render=False)
        frame.steps(tabs)
        frame.status_line()
        with tabs.render():
            with _tab("chat", WORDS.chat.tab) as chatting, beside_history() as panel:
                chat = chat_tab(serving, answer, feedback)
                keeps(panel, chat)
            with _tab("compare", WORDS.compare.tab) as compare:
                compared = compare_tab(serving, steps, explain, filming, pair, feedback)
            with _tab("pubmedqa", WORDS.pubmedqa.tab) as pubmedqa:
                measuring = measuring_tab(pubmedqa, serving, asking, score)
            with _tab("model", WORDS.model.tab) as about:
                model = model_tab(sheets)
        by_name = {"chat": chatting, "compare": compare, "pubmedqa": pubmedqa, "model": about}
        privacy(serving, feedback)
        frame.footer()
        chat_endpoint(serving, answer)
        compare_endpoint(serving, steps)
        film_endpoint(filming)
        pubmedqa_endpoint(serving, asking, score)
        own_abstract_endpoint(serving)
        likelihood_endpoints(serving, explain)
        explain_endpoints(serving, explain)
        keep_endpoints(serving, steps, explain)
        blind_endpoints(serving, pair)
        model_endpoint(sheets)
        health_endpoint(serving)
        timer = gr.Timer(0.5)
        timer.tick(
            _refresh(serving, filming, chat, sheets),
            chat.history,
            [
                *(status, timer, chat.picker, chat.log, measuring.variants),
                *(compared.picker, compared.shown, compared.begin, compared.film),
                model,
            ],
            show_progress="hidden",
            **AT_ONCE,
        )
        opened = demo.load(
            _opening(serving, list(by_name)),
            None,
            [tabs, measuring.picker, *compared.opens],
            show_progress="hidden",
            **AT_ONCE,
        )
        follows_address(opened, by_name)
    demo.queue(max_size=serving.queue)
    return demo


@contextmanager
def _tab(name: str, text: str) -> Iterator[gr.Tab]:
    with gr.Tab(text, id=name, elem_id=elem_id(name)) as tab:
        frame.tab_heading(text)
        yield tab


def _opening(serving: Serving, tabs: Sequence[str]) -> Callable[[gr.Request], list[Any]]:
    """What a link shows as soon as the page is there; Gradio reads its annotation."""

    def opened(request: gr.Request) -> list[Any]:
        selected, *parts = open_link(serving, request)
        picked = benchmark_of(request, list(WORDS.bench.kinds))
        named = tab_of(request, tabs) or (picked and "pubmedqa")
        return [
            gr.Tabs(selected=named) if named else selected,
            gr.Radio(value=picked) if picked else gr.skip(),
            *parts,
        ]

    return opened


def _refresh(
    serving: Serving, filming: Filming, chat: Chat, sheets: Sheets
) -> Callable[[gr.Request, Saved], list[Any]]:
    """What makes the model's state, and once it is there no more ticks, its variants' names for the
    three pickers, its examples, Compare's columns, what starts a link's answers, its film, and what
    is told of the model."""

    def refreshed(request: gr.Request, saved: Saved) -> list[Any]:
        serving.start()
        if serving.state == "loading":
            return [serving.status(), *[gr.skip()] * 9]
        names = list(serving.planned)
        asked = linked(request)
        columns = list(asked.asked) if asked else names
        return [
            serving.status(),
            gr.Timer(active=False),
            gr.Radio(names, value=names[-1]),
            gr.skip() if saved else log([], chat.scene),
            gr.CheckboxGroup(names, value=names),
            gr.Dropdown(suggestions(names), value=columns),
            shown_columns(serving, columns, None, View()),
            "now" if asked and not ZERO_GPU else gr.skip(),
            film_shown(filming),
            model_shown(sheets),
        ]

    return refreshed


def started(demo: gr.Blocks, *, share: bool) -> str:
    """Where the page is, for whoever started it; `share`: whether a public link was asked for."""
    lines = [f"HERA is at {demo.local_url} (Ctrl+C ends it; --help tells the flags)."]
    if demo.share_url:
        lines.append(f"Anybody who has this link reaches it: {demo.share_url}")
    elif share:
        lines.append("--share: Gradio could make no public link; the network may not allow it.")
    return "\n".join(lines)


def launch_options(serving: Serving, config: Config) -> dict[str, Any]:
    """What `launch` needs for this look, for a page that keeps and fetches nothing, and for
    `GET /health`."""
    routes = [
        *(health_route(serving), alive_route(), card_route(serving)),
        *([report_route(serving.report)] if serving.report else []),
        *([metrics_route(serving)] if serving.metrics else []),
    ]
    changes = [beside_the_page, social_tags(config.own), signed_in]
    return {
        "theme": theme(),
        "css": CSS,
        "head": HEAD,
        "favicon_path": FAVICON,
        "run_history": False,
        "ssr_mode": False,
        "footer_links": ["api"],
        "enable_monitoring": False,
        "mcp_server": True,
        "max_file_size": MOST_SENT,
        "max_threads": THREADS,
        "app_kwargs": {
            "middleware": [
                Middleware(InItsLanguage),
                *guards(config, [route.path for route in routes]),
                Middleware(ChangedPage, changes=changes),
                Middleware(NotesRequests),
            ],
            "routes": routes,
        },
    }
