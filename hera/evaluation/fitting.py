"""What is over a model's window loses the beginning of its context, as in training.

An abstract ends with its results and a patient's message with the question, and these decide.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from hera.data import Dialogue
from hera.rendering import end_that_fits
from hera.types import Engine, Prompt


def end_in_window(
    engine: Engine,
    text: str,
    ask: Callable[[str], Prompt],
    room: int,
    variants: Sequence[str] | None = None,
) -> str | None:
    """A text, or as much of its end as fits; None if nothing of it does.

    Args:
        engine: what is asked.
        text: the part of the prompt that may be cut.
        ask: the prompt with a text in that part's place.
        room: tokens that must fit after the prompt.
        variants: whose windows count; all of them if None.
    """

    def excess(end: str) -> int:
        return engine.excess(ask(end), room, variants)

    return text if excess(text) <= 0 else end_that_fits(engine.tokenizer, text, excess)


def fitted_dialogue(engine: Engine, dialogue: Dialogue, room: int) -> Dialogue | None:
    """A dialogue, its last message cut where it and `room` tokens more are over a variant's window;
    None if it does not fit even so."""
    end = end_in_window(engine, dialogue.patient, dialogue.asked, room)
    if end is None or end == dialogue.patient:
        return dialogue if end is not None else None
    return replace(dialogue, patient=end)
