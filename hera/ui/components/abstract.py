"""A visitor's own abstract: the answers before and now, its sentences in colours, and what sets
the variants apart."""

from __future__ import annotations

import html
from collections.abc import Sequence

import gradio as gr

from hera.data import Question
from hera.data.pubmedqa import LABELS
from hera.evaluation.scoring import Scored
from hera.explain.sentences import Influence
from hera.explain.separating import Edit, by_edits
from hera.ui.components.colours import colour
from hera.ui.components.tokens import shade
from hera.ui.own_abstract import Trail, Tried
from hera.ui.words import WORDS

_DEEP = 1.0  # nats: where all are smaller, none looks large
_FEW = 5  # what is listed of what separates

_SCRIPT = """
element.addEventListener("click", event => {
  const button = event.target.closest("[data-act]");
  if (button) trigger(button.dataset.act === "show" ? "select" : "edit", {...button.dataset});
});
"""


def abstract_html(elem_id: str) -> gr.HTML:
    """Where one of these is shown. `edit` tells of a button ({"act", "place"}), `select` of a
    variant whose colours are asked for ({"variant"})."""
    return gr.HTML(js_on_load=_SCRIPT, apply_default_css=False, elem_id=elem_id)


def trail_html(trail: Trail, served: Sequence[str], said: str, *, rounds: bool) -> str:
    """Answers and sentences; `said` is what was done last, `rounds` whether small numbers may be
    rounding."""
    words, state = WORDS.abstract, trail.now
    undo = _button("undo", 0, words.undo, words.undo) if len(trail.states) > 1 else ""
    status = f'<p role="status">{html.escape(said)}</p>' if said or undo else ""
    sentences = _sentences(trail, served) if state.left_out.shape[1] else ""
    note = f"<p class='own-note'>{words.rounding}</p>" if rounds and sentences else ""
    return (
        f'<div class="own-done">{status}{undo}</div><h3>{words.shares}</h3>'
        f"{_answers(trail, served)}{sentences}{note}"
    )


def change_text(trail: Trail) -> str:
    """What the last change did to every variant's answer."""
    before, after = trail.states[-2], trail.now
    told = []
    for row, name in enumerate(after.variants):
        p, q = before.probabilities[row].max(), after.probabilities[row].max()
        told.append(
            WORDS.abstract.change.format(
                variant=name, before=before.answers[row], p=p, after=after.answers[row], q=q
            )
        )
    return "; ".join(told) + "."


def _answers(trail: Trail, served: Sequence[str]) -> str:
    """A card a variant: how likely each label is, as pasted and now."""
    words, now = WORDS.abstract, trail.now
    shown = [trail.states[0], now] if len(trail.states) > 1 else [now]
    head = (
        f"<thead><tr><td></td><th scope='col'>{words.pasted}</th><th scope='col'>{words.now}</th>"
        "</tr></thead>"
        if len(shown) > 1
        else ""
    )
    cards = []
    for row, name in enumerate(now.variants):
        lines = "".join(
            f"<tr{' class=likeliest' if now.answers[row] == label else ''}>"
            f"<th scope='row'>{label}</th>"
            + "".join(_bar(float(state.probabilities[row][k])) for state in shown)
            + "</tr>"
            for k, label in enumerate(LABELS)
        )
        cards.append(
            f'<section style="--variant: {colour(name, served)}">'
            f'<h4 dir="auto">{html.escape(name)}: <b>{now.answers[row]}</b></h4>'
            f"<table>{head}<tbody>{lines}</tbody></table></section>"
        )
    return f'<div class="own-answers">{"".join(cards)}</div>'


def _bar(share: float) -> str:
    return (
        f'<td><span class="own-bar"><span style="width: {100 * share:.1f}%"></span></span>'
        f"{share:.1%}</td>"
    )


def _sentences(trail: Trail, served: Sequence[str]) -> str:
    words, state = WORDS.abstract, trail.now
    deepest = max(_DEEP, float(abs(state.worths).max()))
    picks = "".join(
        f'<button type="button" data-act="show" data-variant="{html.escape(name)}" '
        f'aria-pressed="{str(name == trail.shown).lower()}" '
        f'style="--variant: {colour(name, served)}">{html.escape(name)}</button>'
        for name in state.variants
    )
    steps = "".join(
        f'<span style="{shade(part * deepest, deepest)}">{part * deepest:+.1f}</span>'
        for part in (-1, -0.5, 0, 0.5, 1)
    )
    rows = "".join(
        _sentence(place, trail, served, deepest) for place in range(len(state.sentences))
    )
    return (
        f"<h3>{words.sentences}</h3><p>{words.sentences_about}</p>"
        f'<div class="own-picks" role="group" aria-label="{words.colours_of}">'
        f"<span>{words.colours_of}</span>{picks}</div>"
        f'<p class="own-legend">{words.less} {steps} {words.more}</p>'
        f'<ol class="own-sentences">{rows}</ol>'
    )


def _sentence(place: int, trail: Trail, served: Sequence[str], deepest: float) -> str:
    words, state = WORDS.abstract, trail.now
    worth = float(state.worths[state.variants.index(trail.shown)][place])
    number = place + 1
    chips = "".join(
        _chip(state, row, place, colour(name, served)) for row, name in enumerate(state.variants)
    )
    return (
        f'<li><p class="said" dir="auto" style="{shade(worth, deepest)}">'
        f"{html.escape(state.sentences[place].strip())}</p>"
        f'<div class="own-under">{chips}<span class="acts">'
        f"{_button('delete', place, words.delete, words.delete_this.format(n=number))}"
        f"{_button('negate', place, words.negate, words.negate_this.format(n=number))}"
        "</span></div></li>"
    )


def _chip(state: Influence, row: int, place: int, tone: str) -> str:
    """What a sentence is worth to a variant, and its answer without it where that is another."""
    words = WORDS.abstract
    text = words.worth.format(variant=state.variants[row], worth=float(state.worths[row][place]))
    without = LABELS[int(state.left_out[row, place].argmax())]
    turned = f" <b>{words.turns.format(answer=without)}</b>" if place in state.turning[row] else ""
    return f'<span class="chip" style="--variant: {tone}">{html.escape(text)}{turned}</span>'


def questions_html(
    ranked: Sequence[tuple[Scored, float]],
    by_id: dict[str, Question],
    variants: Sequence[str],
    served: Sequence[str],
) -> str:
    """The questions that separate most, of those that were looked at so far."""
    words = WORDS.abstract
    rows = "".join(
        f"<li><p dir='auto'>{html.escape(by_id[scored.id].question)}</p>"
        + _apart(nats, [(name, scored.pred[name]) for name in variants], served)
        + _button(
            "take",
            scored.id,
            words.take,
            words.take_this.format(question=by_id[scored.id].question),
        )
        + "</div></li>"
        for scored, nats in ranked[:_FEW]
    )
    done = words.looked.format(done=len(ranked), n=len(by_id))
    return f'<p role="status">{done}</p><ol class="own-sentences">{rows}</ol>'


def edits_html(made: Tried, served: Sequence[str]) -> str:
    """The one-word edits that separate most."""
    words = WORDS.abstract
    if not made.edits:
        return f'<p role="status">{words.no_edits}</p>'
    rows = "".join(
        f"<li><p>{html.escape(edit_text(edit))}</p>"
        + _apart(apart.divergence, list(zip(made.variants, apart.answers, strict=True)), served)
        + _button(
            "swap",
            made.edits.index(edit),
            words.make,
            words.make_this.format(edit=edit_text(edit)),
        )
        + "</div></li>"
        for edit, apart in list(by_edits(made.edits, made.found))[:_FEW]
    )
    told = words.edits.format(n=len(made.edits), nats=made.found[0].divergence)
    return f'<p role="status">{told}</p><ol class="own-sentences">{rows}</ol>'


def edit_text(edit: Edit) -> str:
    """An edit in words."""
    words, n = WORDS.abstract, edit.sentence + 1
    if not edit.instead:
        return words.cut.format(n=n, word=edit.word)
    return words.put.format(n=n, word=edit.word, instead=edit.instead)


def _apart(nats: float, answers: Sequence[tuple[str, str]], served: Sequence[str]) -> str:
    chips = "".join(
        f'<span class="chip" style="--variant: {colour(name, served)}">{html.escape(name)}: '
        f"<b>{answer}</b></span>"
        for name, answer in answers
    )
    return f'<div class="own-under"><span>{WORDS.abstract.apart.format(nats=nats)}</span>{chips}'


def _button(act: str, place: int | str, text: str, label: str) -> str:
    told = html.escape(label)
    return (
        f'<button type="button" class="act" data-act="{act}" data-place="{html.escape(str(place))}"'
        f' title="{told}" aria-label="{told}">{html.escape(text)}</button>'
    )
