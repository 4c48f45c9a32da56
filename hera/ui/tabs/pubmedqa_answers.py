"""On demand: what variants say of the opened question in their own words."""

from __future__ import annotations

import html
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import gradio as gr

from hera.data import Question
from hera.errors import InputError
from hera.evaluation.decisions import decision_in
from hera.evaluation.scoring import LONGEST_ANSWER, fitted, prompt_for
from hera.evaluation.stats import NONE
from hera.types import GenerationParams, Message, Step
from hera.ui.components.colours import colour
from hera.ui.components.events import ANSWERS, ON_SCREEN
from hera.ui.components.notice import cautions_html
from hera.ui.components.stop import stops
from hera.ui.components.written import marked_up
from hera.ui.errors import shown_errors
from hera.ui.measured import Measured
from hera.ui.running import stepping, visitor
from hera.ui.serving import Serving
from hera.ui.tabs.item_list import Listing
from hera.ui.tabs.pubmedqa_screen import Screen
from hera.ui.words import WORDS


def answers_view(serving: Serving, screen: Screen, listing: Listing) -> None:
    """Lay it out, under the question."""
    words = WORDS.answering
    with gr.Row(elem_id="pqa-ask"):
        ask = gr.Button(words.button, size="sm", min_width=160, elem_id="pqa-answer")
        stop = gr.Button(words.stop, size="sm", min_width=160, elem_id="pqa-answer-stop")
    answers = gr.HTML(elem_id="pqa-answers", apply_default_css=False)
    event = ask.click(
        _answering(serving),
        [screen.run, listing.opened],
        answers,
        show_progress="hidden",
        **ANSWERS,
        **ON_SCREEN,
    )
    stops(stop, [event], [answers])


def _answering(serving: Serving) -> Callable[..., Iterator[Any]]:
    steps = stepping(serving)

    @shown_errors
    def in_own_words(request: gr.Request, run: Measured | None, opened: str) -> Iterator[str]:
        question = _opened(run, opened)
        engine, names = serving.engine(), list(run.variants if run else ())
        (asked,) = fitted(engine, [question], names, answer=LONGEST_ANSWER)
        turns: list[Message] = list(prompt_for(asked, "hera", free=True))  # type: ignore[arg-type]
        params = GenerationParams(max_new_tokens=LONGEST_ANSWER, temperature=0.0)
        for step, _ in steps(dict.fromkeys(names, turns), params, visitor(request)):
            yield _answers_html(question, step, names)

    return in_own_words


def _opened(run: Measured | None, wanted: str) -> Question:
    """Raises InputError if no question is opened."""
    for question, _ in run.rows if run else ():
        if question.id == wanted:
            return question
    raise InputError(WORDS.answering.nothing)


def _answers_html(question: Question, step: Step, names: Sequence[str]) -> str:
    heading = html.escape(WORDS.answering.heading.format(question=question.question))
    columns = "".join(_column(name, step, colour(name, names)) for name in names)
    return f'<h3 dir="auto">{heading}</h3><div class="columns">{columns}</div>'


def _column(name: str, step: Step, tone: str) -> str:
    words, text = WORDS.answering, step.texts[name]
    reads = words.running
    if name in step.failed:
        reads = step.failed[name]
    elif step.finished[name]:
        decision = decision_in(text)
        reads = words.reads_none if decision == NONE else words.reads.format(decision=decision)
    return (
        f'<section class="variant" style="--variant: {tone}; --line: solid">'
        f'<header><h3 dir="auto">{html.escape(name)}</h3></header>{marked_up(text)}'
        f"{cautions_html(text)}"
        f'<p class="numbers">{html.escape(reads)}</p></section>'
    )
