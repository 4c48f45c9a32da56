"""The named endpoints that explain an answer: `/why`, `/receipt`, `/layers`, `/luck`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import gradio as gr
from gradio.events import api

from hera.errors import InputError
from hera.explain.comparison import Column, Comparison
from hera.explain.draws import DRAWS
from hera.explain.receipt import Receipt
from hera.types import GenerationParams, Message
from hera.ui.caring import held_text
from hera.ui.components.events import ANSWERS
from hera.ui.components.generation import DEFAULTS, params_from
from hera.ui.conversation import checked
from hera.ui.explaining import Explain
from hera.ui.guard.arguments import takes_checked
from hera.ui.running import visitor
from hera.ui.serving import Serving
from hera.ui.view import requests
from hera.ui.words import WORDS


def explain_endpoints(serving: Serving, explain: Explain) -> None:
    """All of them."""
    _luck(serving, explain)
    _why(serving, explain)
    _receipt(serving, explain)
    _layers(serving, explain)


def _why(serving: Serving, explain: Explain) -> None:
    @takes_checked
    def why(message: str, answer: str, variant: str) -> Iterator[list[dict[str, Any]]]:
        """How likely each token of an answer to a message is under a variant and under the base.
        Where the two part is where they explain what fine-tuning changed.

        Args:
            message: what was asked.
            answer: what was answered: by the variant, or any other text.
            variant: its name, as /health lists them.

        Returns:
            [{"id", "text", "logprob", "base"}], a token each, natural logs
        """
        for column, _ in _scored(serving, explain, message, answer, variant):
            yield [score.plain() for score in column.scores or ()]

    api(why, api_name="why", **ANSWERS)


def _receipt(serving: Serving, explain: Explain) -> None:
    @takes_checked
    def receipt(message: str, answer: str, variant: str) -> Iterator[dict[str, Any]]:
        """What is behind a variant, and how far it is from the base over an answer to a message.

        Args:
            message: what was asked.
            answer: what was answered: by the variant, or any other text.
            variant: its name, as /health lists them.

        Returns:
            {"weights": [{"name", "sha256", "strength", "control", "norm"}], "divergence": nats a
            token, "missing": what could not be told, "checks": the self-test's, [{"name", "passed",
            "detail"}]}
        """
        for _, found in _scored(serving, explain, message, answer, variant):
            told = found.plain()
            kept = {key: told[key] for key in ("weights", "divergence", "missing")}
            yield kept | {"checks": [check.plain() for check in serving.checks]}

    api(receipt, api_name="receipt", **ANSWERS)


def _layers(serving: Serving, explain: Explain) -> None:
    @takes_checked
    def layers(message: str, answer: str, variant: str, place: int) -> Iterator[dict[str, Any]]:
        """Which parts of a variant's adapter made a token of an answer to a message likely, as far
        as is known: by how many nats it is less likely with a part switched off ("worth", for each
        of "parts", "layers" and "projections"), beside the part's size ‖ΔW‖/‖W‖, the token's
        log-probability under the variant and the base, and under random adapters of the same size
        ("controls"), and what each layer and projection is worth to those ("control_layers",
        "control_projections", known last).

        Args:
            message: what was asked.
            answer: what was answered: by the variant, or any other text.
            variant: its name, as /health lists them.
            place: which token of the answer, counted from 0, as /why lists them.

        Returns:
            {"parts", "layers", "projections", ...}, as much of it as is known so far
        """
        for column, _ in _scored(serving, explain, message, answer, variant):
            if not 0 <= int(place) < len(column.scores or ()):
                raise InputError(WORDS.why.no_place.format(n=len(column.scores or ())))
            for found in explain.layers(column, int(place)):
                yield found.plain()

    api(layers, api_name="layers", **ANSWERS)


def _luck(serving: Serving, explain: Explain) -> None:
    @takes_checked
    def luck(
        request: gr.Request,
        message: str,
        variants: list[str] = [],  # noqa: B006  (Gradio shows it as the default; only read)
        draws: int = DRAWS,
        max_new_tokens: int = DEFAULTS.max_new_tokens,
        temperature: float = DEFAULTS.temperature,
        top_p: float = DEFAULTS.top_p,
        seed: int = DEFAULTS.seed,
    ) -> Iterator[dict[str, Any]]:
        """Draw many answers of each variant and tell what rules see in them. Two variants differ
        where p_holm is below 0.05 and the interval leaves out 0, once all have ended. A message
        that tells of a crisis is answered by no model.

        Args:
            message: what all of them answer.
            variants: their names, as /health lists them; all of them if none is named.
            draws: how many answers of each.
            max_new_tokens: the longest answer, in tokens, 1 to 8192.
            temperature: 0 takes the likeliest token every time; up to 5.
            top_p: draw from the likeliest tokens that add up to this, above 0 to 1.
            seed: the same seed draws the same answer.

        Returns:
            {"done", "of", "luck": {"n", "seed", "definitions", "variants": {NAME: {FEATURE:
            {"mean", "ci95", "n"}}}, "paired": [{"a", "b", "features": {FEATURE: {"difference",
            "difference_ci95", "p", "p_holm"}}}]}}; a stream of it so far.
        """
        names = variants or list(serving.engine().variants)
        asked = requests(message, names, None, "")
        params = params_from((max_new_tokens, temperature, top_p, seed))
        if held_text(asked):
            raise InputError(WORDS.errors.held)
        for lot in explain.luck(asked, params, int(draws), visitor(request)):
            told = lot.luck.plain() if lot.luck is not None else None
            yield {"done": lot.done, "of": lot.n, "luck": told}

    api(luck, api_name="luck", **ANSWERS)


def _scored(
    serving: Serving, explain: Explain, message: str, answer: str, variant: str
) -> Iterator[tuple[Column, Receipt]]:
    """The column of an answer that a caller gives, and what is behind it.

    Raises:
        UnsupportedError: the engine cannot score.
        InputError: an empty text, an unknown variant.
    """
    asked = {variant: [Message(role="user", content=checked(message))]}
    begun = Comparison.begun(serving.engine().name, asked, GenerationParams())
    column = begun.columns[0].model_copy(update={"text": checked(answer)})
    for told, receipts in explain.columns(begun.with_columns([column])):
        if told.columns[0].scores is None:
            raise InputError(WORDS.why.not_here.format(variant=variant))
        yield told.columns[0], receipts[variant]
