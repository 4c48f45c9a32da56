"""Your own abstract, in the PubMedQA tab: what moved the answers, and what sets variants apart."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import gradio as gr

from hera.errors import InputError
from hera.explain.separating import ranked
from hera.prompts import abstract_of
from hera.ui.asking import Asking
from hera.ui.components.abstract import (
    abstract_html,
    change_text,
    edits_html,
    questions_html,
    trail_html,
)
from hera.ui.components.buttons import button
from hera.ui.components.events import AT_ONCE, ON_SCREEN, SCORES
from hera.ui.components.stop import stops
from hera.ui.errors import Handler, shown_errors
from hera.ui.measuring import sample, ticked
from hera.ui.own import abstract
from hera.ui.own_abstract import (
    Abstracts,
    Parts,
    Trail,
    Tried,
    checked_parts,
    with_edit,
    with_negated,
    without_sentence,
)
from hera.ui.running import Score
from hera.ui.serving import Serving
from hera.ui.words import WORDS

LOOKED_AT = 48
"""Of how many questions those are sought that separate."""
_SEED = 42


def abstract_view(
    serving: Serving, asking: Asking, score: Score, variants: gr.CheckboxGroup
) -> None:
    """Lay it out, folded; `variants` says who is asked."""
    words, abstracts = WORDS.abstract, Abstracts(serving)
    text, asked = abstract(serving.model)
    with gr.Accordion(words.heading, open=False, elem_id="own-abstract"):
        gr.Markdown(words.about)
        pasted = gr.Textbox(text, label=words.abstract, lines=6, max_lines=14, elem_id="own-text")
        question = gr.Textbox(asked, label=words.question, elem_id="own-question")
        with gr.Row():
            start = button(words.start, "own-start", primary=True)
            stop = button(words.stop, "own-stop")
        shown = abstract_html("own-shown")
        gr.Markdown(f"### {words.separating}\n{words.separating_about.format(n=LOOKED_AT)}")
        with gr.Row():
            find = button(words.find, "own-find")
            edit = button(words.try_edits, "own-edits")
        found = abstract_html("own-found")
    trail, made = gr.State(None), gr.State(None)
    given = [pasted, question, variants]
    run = {"show_progress": "minimal", **SCORES, **ON_SCREEN}
    answer, change, try_words = _handlers(serving, abstracts)
    runs = [
        gr.on([start.click, question.submit], answer, given, [trail, shown], **run),
        shown.edit(change, [trail, made], [trail, shown], **run),
        edit.click(try_words, given, [made, found], **run),
        find.click(_finding(serving, asking, score), variants, [made, found], **run),
    ]
    took = found.edit(
        _taking(serving, abstracts, asking), [trail, made], [pasted, question, trail, shown], **run
    )
    shown.select(_recolouring(serving), trail, [trail, shown], **AT_ONCE)
    stops(stop, [*runs, took], [shown, found])


def _handlers(serving: Serving, abstracts: Abstracts) -> tuple[Handler, Handler, Handler]:
    """What answers, what changes a sentence, and what tries edits; Gradio reads their
    annotations."""

    @shown_errors
    def own_answered(text: str, question: str, chosen: list[str]) -> Iterator[Any]:
        names = ticked(serving.engine().variants, chosen)
        parts, asked = checked_parts(serving.engine(), text, question, names)
        for state in abstracts.moved(parts, asked, names):
            trail = Trail(asked, (state,), names[-1])
            yield trail, _shown(serving, trail, "")

    @shown_errors
    def own_changed(trail: Trail | None, _: Tried | None, event: gr.EventData) -> Iterator[Any]:
        said, words = event._data or {}, WORDS.abstract
        if trail is None:
            raise InputError(words.first)
        if said.get("act") == "undo":
            trail = trail.back()
            yield trail, _shown(serving, trail, words.undone)
            return
        place = int(said.get("place", 0))
        if not 0 <= place < len(trail.now.sentences):
            raise InputError(words.gone)
        negates = said.get("act") == "negate"
        parts = (with_negated if negates else without_sentence)(trail.now.sentences, place)
        if parts is None:
            why = words.no_rule.format(n=place + 1) if negates else words.last_one
            yield trail, _shown(serving, trail, why)
            return
        did = (words.negated if negates else words.deleted).format(n=place + 1)
        yield from _went_on(serving, abstracts, trail, parts, did)

    @shown_errors
    def own_tried(text: str, question: str, chosen: list[str]) -> Iterator[Any]:
        names = _several(serving, chosen)
        parts, asked = checked_parts(serving.engine(), text, question, names)
        for made in abstracts.tried(parts, asked, names):
            yield made, edits_html(made, serving.planned)

    return own_answered, own_changed, own_tried


def _finding(serving: Serving, asking: Asking, score: Score) -> Handler:
    """What seeks questions that separate; Gradio reads its annotations."""

    @shown_errors
    def own_found(chosen: list[str]) -> Iterator[Any]:
        names = _several(serving, chosen)
        asked = asking.now()
        questions = sample(asked, min(LOOKED_AT, asked.most), _SEED)
        by_id = {question.id: question for question in questions}
        for scored in score(questions, names):
            rows = ranked(scored, names)
            yield None, questions_html(rows, by_id, names, serving.planned)

    return own_found


def _taking(serving: Serving, abstracts: Abstracts, asking: Asking) -> Handler:
    """What takes a question into the boxes, or makes an edit; Gradio reads its annotations."""

    @shown_errors
    def own_taken(trail: Trail | None, made: Tried | None, event: gr.EventData) -> Iterator[Any]:
        said, words = event._data or {}, WORDS.abstract
        if said.get("act") == "take":
            wanted = str(said.get("place"))
            question = next((q for q in asking.now().questions if q.id == wanted), None)
            if question is None:
                raise InputError(words.gone)
            yield abstract_of(question), question.question, None, ""
            return
        place = int(said.get("place", -1))
        if made is None or not 0 <= place < len(made.edits):
            raise InputError(words.gone)
        parts = with_edit(made, place)
        # Once, before any work: what a visitor types while this runs stays.
        yield "".join(parts), gr.skip(), gr.skip(), gr.skip()
        if trail is None or trail.now.sentences != made.parts or trail.question != made.question:
            for state in abstracts.moved(made.parts, made.question, made.variants):
                trail = Trail(made.question, (state,), made.variants[-1])
        assert trail is not None
        did = words.swapped.format(n=made.edits[place].sentence + 1)
        for told in _went_on(serving, abstracts, trail, parts, did):
            yield (gr.skip(), gr.skip(), *told)

    return own_taken


def _went_on(
    serving: Serving, abstracts: Abstracts, trail: Trail, parts: Parts, did: str
) -> Iterator[Any]:
    """A trail with one more state, as it becomes known; `did` says what was changed."""
    for state in abstracts.moved(parts, trail.question, trail.now.variants):
        grown = trail.then(state)
        yield grown, _shown(serving, grown, f"{did} {change_text(grown)}")


def _recolouring(serving: Serving) -> Callable[[Trail | None, gr.EventData], Any]:
    """What lays another variant's colours on the text; Gradio reads its annotations."""

    def own_recoloured(trail: Trail | None, event: gr.EventData) -> Any:
        if trail is None:
            return gr.skip(), gr.skip()
        trail = trail.of(str((event._data or {}).get("variant", "")))
        return trail, _shown(serving, trail, "")

    return own_recoloured


def _shown(serving: Serving, trail: Trail, said: str) -> str:
    rounds = serving.engine().dtype == "bfloat16"
    return trail_html(trail, serving.planned, said, rounds=rounds)


def _several(serving: Serving, chosen: Sequence[str]) -> list[str]:
    """The ticked variants.

    Raises:
        InputError: fewer than two.
    """
    names = ticked(serving.engine().variants, chosen)
    if len(names) < 2:
        raise InputError(WORDS.abstract.one_variant)
    return names
