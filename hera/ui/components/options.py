"""Questions with fixed answers, whose texts are a group of the screens' words."""

from __future__ import annotations

from collections.abc import Iterable

import gradio as gr

Texts = Iterable[tuple[str, str]]
"""(what an answer is called, what is shown of it)."""


def one_of(label: str, texts: Texts, elem_id: str) -> gr.Radio:
    """A question with one answer, open at first."""
    return gr.Radio(_shown(texts), label=label, elem_id=elem_id)


def some_of(label: str, texts: Texts, elem_id: str) -> gr.CheckboxGroup:
    """A question with any number of answers."""
    return gr.CheckboxGroup(_shown(texts), label=label, elem_id=elem_id)


def _shown(texts: Texts) -> list[tuple[str, str | int | float]]:
    return [(text, name) for name, text in texts]
