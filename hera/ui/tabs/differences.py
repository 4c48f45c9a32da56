"""Two answers of a comparison word by word, on demand."""

from __future__ import annotations

from typing import Any

import gradio as gr

from hera.explain.comparison import Comparison
from hera.ui.components.differences import differences_html
from hera.ui.components.events import AT_ONCE
from hera.ui.words import WORDS


def differences_view(compared: gr.State) -> None:
    """Lay it out, folded."""
    words = WORDS.compare
    with gr.Accordion(words.differences, open=False, elem_id="compare-words") as part:
        gr.Markdown(words.differences_about)
        with gr.Row():
            one = gr.Dropdown([], label=words.one, elem_id="compare-words-one")
            other = gr.Dropdown([], label=words.other, elem_id="compare-words-other")
        told = gr.HTML(elem_id="compare-words-told")
    part.expand(_offer, compared, [one, other, told], **AT_ONCE)
    for each in (one, other):
        each.input(_tell, [compared, one, other], told, **AT_ONCE)


def _offer(compared: Comparison | None) -> tuple[Any, Any, str]:
    """The columns to choose from, the first and the last of them chosen."""
    names = list(compared.variants) if compared is not None else []
    pair = (names[0], names[-1]) if names else (None, None)
    return (
        gr.Dropdown(names, value=pair[0]),
        gr.Dropdown(names, value=pair[1]),
        _tell(compared, *pair),
    )


def _tell(compared: Comparison | None, one: str | None, other: str | None) -> str:
    words = WORDS.compare
    found = [compared.column(name) if compared and name else None for name in (one, other)]
    if found[0] is None or found[1] is None:
        return f"<p>{words.nothing_to_compare}</p>"
    return differences_html(found[0].text, found[1].text) or f"<p>{words.same}</p>"
