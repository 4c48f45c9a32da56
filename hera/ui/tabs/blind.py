"""Blind: two answers without names, a vote, a guess, and only then who was who."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from typing import Any

import gradio as gr

from hera.errors import InputError
from hera.evaluation.records import text
from hera.ui.caring import cared_message
from hera.ui.components.ballot import Ballot, ballot
from hera.ui.components.blind import (
    ready_html,
    reveal_html,
    revealed_html,
    spoken,
    two_answers_html,
)
from hera.ui.components.buttons import button
from hera.ui.components.download import saves
from hera.ui.components.events import ANSWERS, AT_ONCE, ON_SCREEN, REFUSES
from hera.ui.components.notice import announces, waiting_text
from hera.ui.components.opinions import AskedOpinions
from hera.ui.components.other_tabs import other_tabs
from hera.ui.components.stop import stops
from hera.ui.components.tally import learnt_html, tally_html
from hera.ui.conversation import checked
from hera.ui.errors import Handler, shown_errors
from hera.ui.feedback import Feedback
from hera.ui.running import Pair, visitor
from hera.ui.serving import Serving
from hera.ui.tabs.chat_screen import examples_for
from hera.ui.tally import tally
from hera.ui.trials import LESSON, SETTINGS, Kept, Trial, drawn, pairs, read, usual_pair, voted
from hera.ui.unnamed import names_of, unnamed
from hera.ui.words import WORDS

_DICE = random.SystemRandom()
_ANY = "any"  # in place of a pair's key, which has a plus sign in it
# Both are needed to find what was kept after a restart; the key keeps nothing from anybody.
_KEPT_AS, _KEY = "hera-trials", "hera-trials"
_FORGOTTEN = {"forgotten": True}  # what other tabs are told where nothing is kept any more
# The button that was pressed is gone: whoever uses a keyboard goes on from here.
_FOCUS = "() => document.querySelector('#blind-start').focus({preventScroll: true})"


def blind_view(serving: Serving, pair: Pair, feedback: Feedback | None) -> None:
    """Lay it out, folded. Trials are kept in the visitor's browser alone."""
    words = WORDS.blind
    kept, trial = gr.BrowserState({}, storage_key=_KEPT_AS, secret=_KEY), gr.State(None)
    with gr.Accordion(words.heading, open=False, elem_id="blind") as part:
        gr.Markdown(_about())
        before = AskedOpinions("before")
        message = gr.Textbox(
            examples_for(serving)[0], label=words.message, lines=2, elem_id="blind-message"
        )
        which = _pair_picker(serving, part)
        with gr.Row():
            start = button(words.start, "blind-start", primary=True)
            example = button(words.example, "blind-example")
            stop = button(words.stop, "blind-stop")
        notice = gr.HTML(elem_id="blind-notice")
        shown = gr.HTML(
            two_answers_html("", [None, None]),
            apply_default_css=False,
            elem_id="blind-answers",
            elem_classes="talk",
        )
        told = spoken("blind-told")
        form = ballot(None if feedback is None else feedback.repo)
        _score(kept, before)
        gr.Markdown(words.kept if feedback is None else words.kept_or_shared)
    ask, cast = _handlers(serving, pair, feedback, form)
    asks, outputs = [start.click, message.submit], [trial, shown, told, *form.parts]
    run = gr.on(
        asks,
        ask,
        [message, which, kept],
        [*outputs, before.panel],
        show_progress="minimal",
        show_progress_on=shown,
        **ANSWERS,
        **ON_SCREEN,
    )
    announces(notice, asks, [message])
    stops(stop, [run], [shown])
    example.click(lambda: _DICE.choice(examples_for(serving)), None, message, **AT_ONCE)
    voting = form.cast.click(cast, [trial, kept, *form.fields], [kept, *outputs], **REFUSES)
    voting.success(None, js=_FOCUS, **AT_ONCE)


def _about() -> str:
    settings = {"temperature": SETTINGS.temperature, "top_p": SETTINGS.top_p}
    return WORDS.blind.about.format(tokens=SETTINGS.max_new_tokens, **settings)


def _pair_picker(serving: Serving, part: gr.Accordion) -> gr.Dropdown:
    """Which two variants; the choices are those of the model once the part is opened."""
    words, names = WORDS.blind, serving.planned
    picker = gr.Dropdown(
        _choices(names), value=usual_pair(names), label=words.pair, elem_id="blind-pair"
    )

    def offer(chosen: str) -> gr.Dropdown:
        served = serving.planned
        value = chosen if chosen in (*pairs(served), _ANY) else usual_pair(served)
        return gr.Dropdown(_choices(served), value=value)

    part.expand(offer, picker, picker, **AT_ONCE)
    return picker


def _choices(variants: Sequence[str]) -> list[tuple[str, str | int | float]]:
    """Every pair under its name, then any."""
    words = WORDS.blind
    named = [
        (words.pair_name.format(one=one, other=other), key)
        for key, (one, other) in pairs(variants).items()
    ]
    return [*named, (words.any_pair, _ANY)]


def _score(kept: gr.BrowserState, before: AskedOpinions) -> None:
    """What the kept trials come to, what they taught, and what can be done with them."""
    words = WORDS.blind
    after = AskedOpinions("after")
    learnt = spoken("blind-learnt")
    others = other_tabs(_KEPT_AS, "blind-others")
    gr.Markdown(f"### {words.score}")
    score = gr.HTML(elem_id="blind-score")
    gr.Markdown(words.method)
    with gr.Row():
        saved = saves(words.save, "hera-trials.json", "blind-save")
        forget = button(words.forget, "blind-forget")

    def count(known: Any) -> list[Any]:
        try:
            mine = read(known)
        except InputError as error:
            return [f'<p role="alert">{error}</p>', *[gr.skip()] * 9]
        found = tally(mine.trials)
        return [
            tally_html(found),
            text(mine) if mine.trials else "",
            mine.plain() or gr.skip(),
            learnt_html(mine, found),
            *before.at(mine.before, visible=False if mine.trials else None),
            *after.at(mine.after, visible=len(mine.trials) >= LESSON),
        ]

    # Without triggers: as the page opens, and whenever what is kept changes.
    outputs = [score, saved, others, learnt, *before.parts, *after.parts]
    gr.on(None, count, kept, outputs, show_progress="hidden", **AT_ONCE)
    forget.click(
        lambda: [{}, _FORGOTTEN, *before.emptied(), *after.emptied()],
        None,
        [kept, others, *before.parts, *after.parts],
        **AT_ONCE,
    )
    others.edit(_heard, kept, kept, show_progress="hidden", **AT_ONCE)
    for asked in (before, after):
        asked.notes(kept)


def _heard(known: Any, event: gr.EventData) -> Any:
    """What is kept, with what another tab of this browser keeps by now; Gradio reads the
    annotations."""
    said = event._data or {}
    try:
        mine, theirs = read(known), read({} if said == _FORGOTTEN else said)
    except InputError:
        return gr.skip()  # each tab says so of its own
    both = Kept() if said == _FORGOTTEN else mine.with_others(theirs)
    return gr.skip() if both == mine else both.plain()


def _handlers(
    serving: Serving, pair: Pair, feedback: Feedback | None, form: Ballot
) -> tuple[Handler, Handler]:
    """What shows two answers, and what takes the vote; Gradio reads their annotations."""

    @shown_errors
    def ask(request: gr.Request, message: str, which: str, known: Any) -> Iterator[Any]:
        read(known).check_room()
        held = cared_message(checked(message)).held
        if held:  # the same on both sides: there is nothing to vote on
            yield None, two_answers_html(message, [held, held]), "", *form.empty(), gr.skip()
            return
        served = serving.engine().variants
        trial = drawn(serving.model.title, message, which, served, _DICE)
        names = names_of(served, serving.model.text)
        yield (None, two_answers_html(trial.question, ["", ""]), "", *form.empty(), _hidden())
        texts = ["", ""]
        left = [gr.skip()] * len(form.parts)
        sides = [(side.variant, side.seed) for side in trial.sides]
        for said in pair(trial.asked, sides, SETTINGS, visitor(request)):
            texts = [answer.text for answer in said]
            masked = [unnamed(answer, names, ended=False) for answer in texts]
            waits = waiting_text(max(answer.ahead for answer in said))
            yield None, two_answers_html(trial.question, masked), waits, *left, gr.skip()
        masked = [unnamed(answer, names) for answer in texts]
        both = two_answers_html(trial.question, masked)
        yield trial.said(texts), both, ready_html(), *form.empty(trial), gr.skip()

    @shown_errors
    def cast(
        trial: Trial | None,
        known: Any,
        vote: str | None,
        guess: str | None,
        changed: list[str],
        share: bool = False,
    ) -> Iterator[Any]:
        mine, done = read(known), voted(trial, vote, guess, changed)
        shared_with = None
        if feedback is not None and share:
            feedback.share(done)
            shared_with = feedback.repo
        after = mine.with_trial(done).plain()
        answers = revealed_html(done, serving.planned)
        yield after, None, answers, reveal_html(done, shared_with), *form.empty()

    return ask, cast


def _hidden() -> gr.Column:
    """For the questions that are asked before the first trial."""
    return gr.Column(visible=False)
