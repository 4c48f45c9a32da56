"""The settings of an answer: sliders, and what they come to."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import gradio as gr
from gradio.components import Component

from hera.types import GenerationParams
from hera.ui.guard.arguments import number, seed, whole
from hera.ui.words import WORDS

DEFAULTS = GenerationParams(temperature=0.3)
"""Cooler than most models are served: small ones wander, and this is about health."""

LONGEST, HOTTEST = 1024, 2.0
"""What the sliders go up to: tokens, temperature."""


def generation_settings(tab: str) -> list[Component]:
    """The sliders that make a GenerationParams, in its order."""
    words = WORDS.generation
    with gr.Accordion(words.heading, open=False, elem_id=f"{tab}-settings"):
        return [
            gr.Slider(1, LONGEST, DEFAULTS.max_new_tokens, step=1, label=words.longest),
            gr.Slider(0, HOTTEST, DEFAULTS.temperature, step=0.05, label=words.temperature),
            gr.Slider(0.05, 1, DEFAULTS.top_p, step=0.05, label=words.top_p),
            gr.Number(DEFAULTS.seed, precision=0, label=words.seed),
        ]


def params_from(values: Sequence[Any]) -> GenerationParams:
    """From what the sliders or a caller give.

    Raises:
        InputError: a value that is no number, or out of range.
    """
    tokens, temperature, top_p, drawn = values
    return GenerationParams(
        whole("max_new_tokens", tokens),
        number("temperature", temperature),
        number("top_p", top_p),
        seed("seed", drawn),
    )
