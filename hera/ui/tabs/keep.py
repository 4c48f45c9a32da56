"""Keep it: a comparison as a link and as files, opened again, and whether it comes out the same."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import gradio as gr
from gradio.components import Component

from hera import __version__
from hera.errors import HeraError, InputError
from hera.explain.comparison import Comparison
from hera.explain.kept import Kept, kept, written
from hera.explain.link import Promise, weights_code
from hera.types import GenerationParams, Message
from hera.ui.caring import cared
from hera.ui.components.columns import Beside, columns_html
from hera.ui.components.download import saved, saver
from hera.ui.components.events import ANSWERS, AT_ONCE, ON_SCREEN
from hera.ui.components.generation import HOTTEST, LONGEST
from hera.ui.components.keeping import broken_html, opened_html, verdicts_html
from hera.ui.components.notice import notice_html
from hera.ui.deep_links import PARAMETER
from hera.ui.documents.markdown import markdown
from hera.ui.documents.page import page
from hera.ui.documents.picture import picture
from hera.ui.errors import shown_errors
from hera.ui.gpu import ZERO_GPU
from hera.ui.running import visitor
from hera.ui.serving import Serving
from hera.ui.upload import read_comparison
from hera.ui.view import View
from hera.ui.words import WORDS

Answers = Callable[[str, dict[str, list[Message]], GenerationParams, View], Iterator[Any]]
"""(visitor, what each column is asked, params, view) -> the comparison so far, its receipts, and
its columns as HTML."""

FILES: dict[str, tuple[str, Callable[[Kept], bytes]]] = {
    "comparison.html": ("text/html", lambda found: page(found).encode()),
    "comparison.md": ("text/markdown", lambda found: markdown(found).encode()),
    "comparison.json": ("application/json", lambda found: written(found).encode()),
    "comparison.png": ("image/png", picture),
}


@dataclass(frozen=True)
class Opened:
    """What tells that something was opened: a line above the columns, and the button that computes
    it anew; `promise` is what should come out, and `begin` starts what a link asks."""

    note: gr.HTML
    again: gr.Button
    promise: gr.State
    begin: gr.HTML


@dataclass(frozen=True)
class Screen:
    """The parts of the tab that a kept comparison fills."""

    message: gr.Textbox
    picker: gr.Dropdown
    settings: Sequence[Component]
    notice: gr.HTML
    compared: gr.State
    receipts: gr.State
    view: gr.State
    shown: gr.HTML

    @property
    def answers(self) -> list[Component]:
        """What answers change: see `Answers`."""
        return [self.compared, self.receipts, self.shown]


def opened_parts() -> Opened:
    """Lay it out, above the columns; nothing is seen of it before something is opened."""
    note = gr.HTML(elem_id="compare-kept")
    again = gr.Button(WORDS.keep.again, visible=False, size="sm", elem_id="compare-again")
    return Opened(note, again, gr.State(None), gr.HTML("", visible="hidden"))


def opens(screen: Screen, opened: Opened) -> list[Component]:
    """What a link, or a file, fills: see `_filled`."""
    return [
        screen.message,
        screen.picker,
        *screen.settings,
        screen.notice,
        opened.promise,
        opened.note,
        opened.again,
    ]


def promise_of(request: gr.Request) -> Promise | None:
    """What the page's address asks; None where it is no link.

    Raises:
        InputError: it is a broken one.
    """
    said = [pair for pair in request.query_params.multi_items() if pair[0] != PARAMETER]
    promise = Promise.read(said)
    if promise is not None:
        _settable(promise.params)
    return promise


def linked(request: gr.Request) -> Promise | None:
    """The same, a broken one being none: `open_link` says what is wrong with it."""
    try:
        return promise_of(request)
    except InputError:
        return None


def open_link(serving: Serving, request: gr.Request) -> list[Any]:
    """The tab to show, then what `opens` lists."""
    try:
        promise = promise_of(request)
    except InputError as error:
        rest = [gr.skip()] * 8
        return [gr.Tabs(selected="compare"), *rest, broken_html(str(error)), gr.skip()]
    if promise is None:
        return [gr.skip()] * 11
    words = WORDS.keep
    note = opened_html(words.from_link_waits if ZERO_GPU else words.from_link, promise, serving)
    return [gr.Tabs(selected="compare"), *_filled(promise, note)]


def keep_view(serving: Serving, answers: Answers, screen: Screen, opened: Opened) -> list[Any]:
    """Lay out what saves and opens; returns the events that compute anew."""
    words = WORDS.keep
    with gr.Accordion(words.heading, open=False, elem_id="keep"):
        gr.Markdown(words.about)
        with gr.Row():
            link = _small(words.link, "keep-make-link")
            labels = (words.save_html, words.save_markdown, words.save_json, words.save_png)
            saves = [
                _small(label, f"keep-{file.rpartition('.')[2]}")
                for label, file in zip(labels, FILES, strict=True)
            ]
            upload = gr.UploadButton(
                words.open, file_types=[".json"], size="sm", min_width=120, elem_id="keep-open"
            )
        address = gr.Textbox(
            label=words.link_label,
            visible=False,
            interactive=False,
            max_lines=3,
            buttons=["copy"],
            elem_id="keep-link",
        )
        download = saver("keep-saver")
    _saves(serving, screen.compared, dict(zip(FILES, saves, strict=True)), download)
    _links(serving, screen.compared, link, address)
    upload.upload(
        _opening(serving),
        [upload, screen.view],
        [*opens(screen, opened), *screen.answers],
        **AT_ONCE,
    )
    return _computes_anew(answers, screen, opened)


def came_out(serving: Serving, compared: Comparison | None, promise: Promise | None) -> str:
    """Whether the columns came out as was promised; "" where nothing was."""
    if compared is None or promise is None:
        return ""
    engine = serving.engine()
    served = engine.variants
    weights = {n: weights_code(n, engine.fingerprints, served) for n in compared.variants}
    return verdicts_html(promise.kept_by(compared, weights), promise, serving)


def _small(text: str, elem_id: str) -> gr.Button:
    return gr.Button(text, size="sm", min_width=120, elem_id=elem_id)


def _saves(
    serving: Serving, compared: gr.State, buttons: dict[str, gr.Button], download: gr.HTML
) -> None:
    def saving(file: str) -> Callable[[Comparison | None], Iterator[Any]]:
        kind, make = FILES[file]

        @shown_errors
        def save(compared: Comparison | None) -> Iterator[Any]:
            yield saved(file, kind, make(_kept(serving, compared)))

        return save

    for file, each in buttons.items():
        each.click(saving(file), compared, download, show_progress="hidden", **AT_ONCE)


def _links(serving: Serving, compared: gr.State, link: gr.Button, address: gr.Textbox) -> None:
    @shown_errors
    def make(compared: Comparison | None) -> Iterator[Any]:
        query = Promise.of(_kept(serving, compared)).query()
        yield gr.Textbox(query, visible=True)

    # Only the page knows by which address it is reached.
    whole = "query => new URL('?' + query, location.href).href"
    link.click(make, compared, address, show_progress="hidden", **AT_ONCE).success(
        None, address, address, js=whole, **ON_SCREEN
    )


def _opening(serving: Serving) -> Callable[..., list[Any]]:
    def open_file(path: str, view: View) -> list[Any]:
        try:
            name, found = read_comparison(path)
            _settable(found.params)
            promise = Promise.of(found)
        except HeraError as error:
            return [*[gr.skip()] * 8, broken_html(str(error)), *[gr.skip()] * 4]
        note = opened_html(WORDS.keep.from_file, promise, serving, name=name)
        comparison = Comparison.of({k: v for k, v in found.plain().items() if k in _FIELDS})
        beside = Beside(serving.planned)
        shown = columns_html(comparison.variants, comparison, view, beside)
        return [*_filled(promise, note), comparison, {}, shown]

    return open_file


_FIELDS = Comparison.model_fields


def _computes_anew(answers: Answers, screen: Screen, opened: Opened) -> list[Any]:
    """What was opened: a link's as soon as the model is there, either at the button."""

    @shown_errors
    def by_button(request: gr.Request, promise: Promise | None, view: View) -> Iterator[Any]:
        if promise is None:
            raise InputError(WORDS.keep.nothing)
        yield from answers(visitor(request), dict(promise.asked), promise.params, view)

    @shown_errors
    def by_link(request: gr.Request, view: View) -> Iterator[Any]:
        promise = promise_of(request)  # not from the State: that may still be on its way
        yield from by_button(request, promise, view)

    run = {"show_progress": "minimal", **ANSWERS, **ON_SCREEN}
    outputs = screen.answers
    return [
        opened.again.click(by_button, [opened.promise, screen.view], outputs, **run),
        opened.begin.change(by_link, [screen.view], outputs, **run),
    ]


def _filled(promise: Promise, note: str) -> list[Any]:
    """What `opens` lists, from what is to be asked."""
    params = promise.params
    return [
        promise.message,
        gr.Dropdown(value=list(promise.asked)),
        params.max_new_tokens,
        params.temperature,
        params.top_p,
        params.seed,
        notice_html(cared(promise.turns)),
        promise,
        note,
        gr.Button(visible=True),
    ]


def _kept(serving: Serving, compared: Comparison | None) -> Kept:
    """What the columns show, to be saved.

    Raises:
        InputError: nothing yet.
    """
    if compared is None or not any(column.text for column in compared.columns):
        raise InputError(WORDS.keep.nothing)
    return kept(serving.engine(), compared, __version__)


def _settable(params: GenerationParams) -> None:
    """Raises InputError for what no slider here can be set to."""
    if params.max_new_tokens > LONGEST or params.temperature > HOTTEST:
        raise InputError(
            WORDS.keep.beyond.format(
                tokens=params.max_new_tokens,
                temperature=params.temperature,
                most=LONGEST,
                hottest=HOTTEST,
            )
        )
