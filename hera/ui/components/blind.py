"""A blind trial's two answers, and what is told once the vote is cast."""

from __future__ import annotations

import html
from collections.abc import Sequence

import gradio as gr

from hera.types import BASE
from hera.ui.components.colours import colour
from hera.ui.components.notice import cautions_html
from hera.ui.components.written import filled, marked_up
from hera.ui.trials import SIDES, Trial
from hera.ui.words import WORDS


def spoken(elem_id: str) -> gr.HTML:
    """A line that screen readers speak when it changes."""
    return gr.HTML(
        "",
        html_template='<div role="status">${value}</div>',
        apply_default_css=False,
        elem_id=elem_id,
        elem_classes="spoken",
    )


def two_answers_html(question: str, texts: Sequence[str | None]) -> str:
    """Both answers so far, without names; None: not asked yet."""
    sections = [_section(place, _name(place), text, "") for place, text in enumerate(texts)]
    return _beside(question, sections)


def ready_html() -> str:
    """That both answers are there."""
    return filled(WORDS.blind.ready)


def revealed_html(trial: Trial, served: Sequence[str]) -> str:
    """Both answers under their variants' names and colours, every word as it was said."""
    sections = []
    for place, side in enumerate(trial.sides):
        name = f"{_name(place)}: {html.escape(side.variant)}"
        style = f"--variant: {colour(side.variant, served)}; --line: solid"
        sections.append(_section(place, name, side.text, style))
    return _beside(trial.question, sections)


def reveal_html(trial: Trial, shared_with: str | None) -> str:
    """Who was who, what was preferred, whether the guess was right, and how long both are."""
    words = WORDS.blind
    lines = [_who(trial), _preferred(trial)]
    if trial.guess is not None:
        lines.append(filled(words.right if trial.guess == trial.answer else words.wrong))
    if trial.lengths is not None:
        m, n = trial.lengths
        lines.append(filled(words.words, variant=trial.pair[1], n=str(n), base=BASE, m=str(m)))
    if shared_with is not None:
        lines.append(filled(words.shared, repo=shared_with))
    return "".join(lines)


def _name(place: int) -> str:
    words = WORDS.blind
    return words.answer.format(side=(words.a, words.b)[place])


def _beside(question: str, sections: Sequence[str]) -> str:
    asked = f'<div class="turn user"><div class="said">{marked_up(question)}</div></div>'
    return f'{asked if question else ""}<div class="columns">{"".join(sections)}</div>'


def _section(place: int, name: str, text: str | None, style: str) -> str:
    side = SIDES[place]
    if text is None:
        said = f'<p class="nothing">{WORDS.blind.nothing}</p>'
    else:
        answer = marked_up(text) or '<p class="waits">•••</p>'
        said = f'<div class="turn bot"><div class="said" data-testid="bot">{answer}</div></div>'
        said += cautions_html(text)
    return (
        f'<section class="variant" id="blind-{side}" aria-labelledby="blind-name-{side}" '
        f'style="{style}"><header><h3 id="blind-name-{side}">{name}</h3></header>{said}</section>'
    )


def _who(trial: Trial) -> str:
    words, (a, b) = WORDS.blind, trial.sides
    if trial.is_twin:
        return filled(words.was_twin, variant=a.variant, a=str(a.seed), b=str(b.seed))
    seeds = {"a_seed": str(a.seed), "b_seed": str(b.seed)}
    return filled(words.was_pair, a=a.variant, b=b.variant, **seeds)


def _preferred(trial: Trial) -> str:
    words = WORDS.blind
    if trial.preferred is not None:
        return filled(words.you_preferred, variant=trial.preferred)
    if trial.vote in SIDES:
        side = (words.a, words.b)[SIDES.index(trial.vote)]
        return filled(words.you_preferred_luck, side=side)
    return filled(words.you_decided_nothing)
