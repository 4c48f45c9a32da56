"""One page in several languages: what its components show is chosen when it is asked for.

Gradio's own translations (`gr.I18n`) are the browser's to choose, leave texts in HTML and Markdown
out, and know no switch. So the screens are built once in each language; they differ in nothing but
their texts, and the events of the first serve them all.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, cast

import gradio as gr
from gradio.data_classes import BlocksConfigDict
from starlette.datastructures import Headers, QueryParams
from starlette.types import ASGIApp, Receive, Scope, Send

from hera.ui.guard.calls import Guarded
from hera.ui.language import SPOKEN, language, speaking, wanted


class Bilingual(Guarded):
    """Blocks whose config is in the language that is spoken where it is read."""

    _texts: Mapping[str, Mapping[str, Any]] = {}
    _own: BlocksConfigDict

    @property
    def config(self) -> BlocksConfigDict:
        """What a page is made from."""
        return cast(BlocksConfigDict, {**self._own, **self._texts.get(language(), {})})

    @config.setter
    def config(self, config: BlocksConfigDict) -> None:
        self._own = config

    def get_api_info(self, *args: Any, **kwargs: Any) -> Any:
        """The endpoints, which Gradio keeps for everybody: in the first language."""
        with speaking(SPOKEN[0]):
            return super().get_api_info(*args, **kwargs)

    def also(self, name: str, other: gr.Blocks) -> None:
        """Take the texts of the same screens in another language.

        Raises:
            ValueError: they are not the same.
        """
        theirs: dict[str, Any] = dict(other.config)
        ours, others = self._own["components"], theirs["components"]
        if [c["type"] for c in ours] != [c["type"] for c in others]:
            raise ValueError(f"The screens in {name!r} have other components.")
        components = [{**b, "id": a["id"]} for a, b in zip(ours, others, strict=True)]
        self._texts = {**self._texts, name: {"components": components, "title": theirs["title"]}}


def in_every_language(build: Callable[[], Bilingual]) -> Bilingual:
    """The screens that `build` makes, in each language that is spoken."""
    built = {}
    for name in SPOKEN:
        with speaking(name):
            built[name] = build()
    page = built[SPOKEN[0]]
    for name in SPOKEN[1:]:
        page.also(name, built[name])
    return page


class InItsLanguage:
    """ASGI middleware: what a request reads of the page is in its language."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        query = QueryParams(scope["query_string"])
        with speaking(wanted(query, Headers(scope=scope))):
            await self._app(scope, receive, send)
