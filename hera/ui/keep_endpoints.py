"""The named endpoints that keep a comparison: `/keep` and `/compare_page`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import gradio as gr
from gradio.events import api

from hera import __version__
from hera.errors import DataError, InputError
from hera.explain.comparison import Comparison
from hera.explain.kept import kept, of_content
from hera.explain.link import Promise
from hera.ui.caring import held_text
from hera.ui.components.events import ANSWERS
from hera.ui.components.generation import DEFAULTS, params_from
from hera.ui.documents.markdown import markdown
from hera.ui.documents.page import page
from hera.ui.explaining import Explain
from hera.ui.guard.arguments import takes_checked
from hera.ui.running import Steps, visitor
from hera.ui.serving import Serving
from hera.ui.view import requests
from hera.ui.words import WORDS


def keep_endpoints(serving: Serving, steps: Steps, explain: Explain) -> None:
    """Both."""
    _keep(serving, steps, explain)
    _compare_page()


def _keep(serving: Serving, steps: Steps, explain: Explain) -> None:
    @takes_checked
    def keep(
        request: gr.Request,
        message: str,
        variants: list[str] = [],  # noqa: B006  (Gradio shows it as the default; only read)
        max_new_tokens: int = DEFAULTS.max_new_tokens,
        temperature: float = DEFAULTS.temperature,
        top_p: float = DEFAULTS.top_p,
        seed: int = DEFAULTS.seed,
    ) -> Iterator[dict[str, Any]]:
        """Answer one message with several variants, score every token of the answers under its
        variant and the base, and give what Compare keeps of it.

        Args:
            message: what all of them answer.
            variants: their names, as /health lists them; all of them if none is named.
            max_new_tokens: the longest answer, in tokens, 1 to 8192.
            temperature: 0 takes the likeliest token every time; up to 5.
            top_p: draw from the likeliest tokens that add up to this, above 0 to 1.
            seed: the same seed draws the same answer.

        Returns:
            {"link": what to put behind this app's address for the page to compute it again and say
            whether the same comes out, null where it is too long for an address, "json": the
            comparison as an object, which Compare opens and /compare_page takes, "markdown": the
            file as text}
        """
        engine = serving.engine()
        asked = requests(message, variants or list(engine.variants), None, "")
        params = params_from((max_new_tokens, temperature, top_p, seed))
        compared = Comparison.begun(engine.name, asked, params)
        for step, rates in steps(asked, params, visitor(request)):
            compared = compared.at(step, rates)
        if not held_text(asked):  # or no model's tokens are there to be scored
            for told, _ in explain.columns(compared):
                compared = told
        found = kept(engine, compared, __version__)
        yield {
            "link": _link(Promise.of(found)),
            "json": found.plain(),
            "markdown": markdown(found),
        }

    api(keep, api_name="keep", **ANSWERS)


def _compare_page() -> None:
    @takes_checked
    def compare_page(comparison: dict[str, Any]) -> Iterator[str]:
        """A comparison as one HTML file: it holds no script, fetches nothing, and opens without
        HERA.

        Args:
            comparison: the object that Compare saves as JSON, or that /keep gives as "json".

        Returns:
            The file's text.
        """
        if not isinstance(comparison, dict):
            raise DataError(WORDS.errors.comparison)
        yield page(of_content("comparison", comparison))

    api(compare_page, api_name="compare_page", queue=False)


def _link(promise: Promise) -> str | None:
    try:
        return f"?{promise.query()}"
    except InputError:
        return None  # too long for an address
