"""What a visitor says of two answers without names: a vote, guesses, and whether to share them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import gradio as gr

from hera.types import BASE
from hera.ui.components.buttons import button
from hera.ui.components.options import one_of, some_of
from hera.ui.trials import Trial
from hera.ui.words import WORDS


@dataclass(frozen=True)
class Ballot:
    """`share` is there where votes are collected."""

    panel: gr.Column
    vote: gr.Radio
    guess: gr.Radio
    changed: gr.CheckboxGroup
    share: gr.Checkbox | None
    cast: gr.Button

    @property
    def fields(self) -> list[Any]:
        """What is filled in."""
        return [self.vote, self.guess, self.changed, *([self.share] if self.share else [])]

    @property
    def parts(self) -> list[Any]:
        """What `empty` is for."""
        return [self.panel, *self.fields]

    def empty(self, trial: Trial | None = None) -> list[Any]:
        """Nothing filled in: hidden, or ready for a trial. Who shares a vote says so each time: a
        question may be about one's health."""
        guess: dict[str, Any] = {} if trial is None else {"label": _guess(trial.pair)}
        fields = [gr.Radio(value=None), gr.Radio(value=None, **guess), gr.CheckboxGroup(value=[])]
        share = [gr.Checkbox(value=False)] if self.share else []
        return [gr.Column(visible=trial is not None), *fields, *share]


def ballot(shared_with: str | None) -> Ballot:
    """The form, hidden at first; `shared_with` is the data set that votes may go to."""
    words = WORDS.blind
    with gr.Column(visible=False, elem_id="blind-ballot") as panel:
        vote = one_of(words.vote, words.votes, "blind-vote")
        guess = one_of(words.guess_tuned, words.sides, "blind-guess")
        changed = some_of(words.changed, words.changes, "blind-changed")
        share = None
        if shared_with is not None:
            share = gr.Checkbox(label=words.share.format(repo=shared_with), elem_id="blind-share")
        cast = button(words.cast, "blind-cast", primary=True)
    return Ballot(panel, vote, guess, changed, share, cast)


def _guess(pair: tuple[str, str]) -> str:
    one, other = pair
    if one == BASE:
        return WORDS.blind.guess_tuned.format(other=other)
    return WORDS.blind.guess_other.format(one=one, other=other)
