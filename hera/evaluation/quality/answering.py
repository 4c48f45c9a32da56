"""Patients' messages put to variants: what each answers, and how that is measured."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from hera.data import Dialogue
from hera.errors import DataError, InputError, ModelError
from hera.evaluation.fitting import fitted_dialogue
from hera.evaluation.quality import measures, text_measures
from hera.evaluation.quality.rouge import rouge_l
from hera.evaluation.records import Item
from hera.refs import Ref
from hera.types import BASE, Engine, GenerationParams, Prompt

LONGEST = 256
"""Tokens that an answer may have, where nothing else is asked for."""


@dataclass(frozen=True)
class Case:
    """A patient's message with the doctor's reply, the reply to the next patient, if any, and the
    dialogue as it is asked: the same, or cut to the window."""

    id: str
    dialogue: Dialogue
    other: str | None
    asked: Dialogue


class AnsweredCase(Item):
    """A patient's message with every variant's answer and its measures, those of the doctor's reply
    and, of the reply to another patient, if there is one."""

    patient: str
    gold: str
    reference: dict[str, Any]
    other: dict[str, Any] | None
    variants: dict[str, dict[str, Any]]


def answerable(
    engine: Engine,
    rows: Sequence[tuple[int, Dialogue]],
    params: GenerationParams,
    left_out: list[str],
    ref: Ref,
) -> list[Case]:
    """The rows that fit into every variant's window, a patient's message without its beginning
    where need be, as cases; a row's place among those that could be read is its id.

    Args:
        left_out: gets a line for each row that is none.
        ref: what the rows come from.

    Raises:
        DataError: no row is left.
    """
    kept: list[tuple[int, Dialogue, Dialogue]] = []
    for place, dialogue in rows:
        try:
            kept.append((place, dialogue, askable(engine, dialogue, params)))
        except InputError as error:
            left_out.append(f"{ref}, dialogue {place}: {error}")
    if not kept:
        raise DataError(f"{ref.says}: no dialogue can be asked.")
    replies = [dialogue.doctor for _, dialogue, _ in kept]
    others = [*replies[1:], replies[0]] if len(replies) > 1 else [None]
    return [
        Case(str(place), dialogue, other, asked)
        for (place, dialogue, asked), other in zip(kept, others, strict=True)
    ]


def askable(engine: Engine, dialogue: Dialogue, params: GenerationParams) -> Dialogue:
    """A dialogue as every variant can be asked it, and the doctor's reply be measured.

    Raises:
        InputError: it cannot.
    """
    fitting = fitted_dialogue(engine, dialogue, params.max_new_tokens)
    if fitting is None:
        raise InputError("it is over the model's window, even without the patient's last message.")
    if engine.excess(dialogue.doctor, 0, [BASE]) > 0:
        raise InputError("the doctor's reply is over the model's window.")
    # What is closed before its first step has only been checked.
    engine.stream(requests(fitting, engine.variants), params).close()
    return fitting


def requests(dialogue: Dialogue, variants: Sequence[str]) -> dict[str, Prompt]:
    """The patient's messages, put to every variant."""
    return {name: dialogue.asked() for name in variants}


def prompt_text(engine: Engine) -> str:
    """What the base reads, with a placeholder for what the patient wrote."""
    return str(engine.tokenizer.decode(engine.render([{"role": "user", "content": "{message}"}])))


def score(
    engine: Engine,
    params: GenerationParams,
    case: Case,
    variants: Sequence[str],
) -> AnsweredCase:
    """Ask one patient's question and measure every answer.

    Raises:
        InputError: see `Engine.answer`.
        ModelError: see `check_similarities`.
    """
    answers = engine.answer(requests(case.asked, variants), params)
    reference = case.dialogue.doctor
    texts = [answers.texts[name] for name in variants]
    numbers = measured(engine, [*texts, reference, case.other or ""], reference)
    check_similarities(case, [*variants, "the doctor's reply", "another reply"], numbers)
    other, itself = numbers.pop(), numbers.pop()
    return AnsweredCase.of(
        {
            "id": case.id,
            "patient": case.dialogue.patient,
            "gold": reference,
            # Against itself everything is 1: only what needs the text alone says something of it.
            "reference": {k: v for k, v in itself.items() if k not in ("rouge_l", "similarity")},
            "other": other if case.other else None,
            "variants": {
                name: {
                    "text": text,
                    "finished": answers.finished[name],
                    **its,
                    "turn_end": float(answers.finished[name] == "stop"),
                }
                for name, text, its in zip(variants, texts, numbers, strict=True)
            },
        }
    )


def check_similarities(
    case: Case, names: Sequence[str], numbers: Sequence[dict[str, float | None]]
) -> None:
    """Raises ModelError, with the dialogue and whose text it is, if a similarity is no number."""
    for name, its in zip(names, numbers, strict=True):
        if not math.isfinite(its["similarity"] or 0.0):
            raise ModelError(
                f"{BASE} made hidden states that are no numbers of dialogue {case.id} (the "
                f"doctor's reply or the text of {name}): its weights overflow. Compute in another "
                "--dtype."
            )


def measured(engine: Engine, texts: Sequence[str], reference: str) -> list[dict[str, float | None]]:
    """Every measure but `turn_end` of each text, against one reference."""
    own, *rest = engine.embed([reference, *(text for text in texts if text.strip())])
    vectors = iter(rest)
    return [
        {
            "rouge_l": rouge_l(text, reference),
            "similarity": measures.similarity(next(vectors), own) if text.strip() else 0.0,
            "tokens": len(engine.tokenizer.encode(text, add_special_tokens=False)),
            "words": len(text_measures.words(text)),
            "grade": text_measures.grade(text),
            "repeated_4grams": text_measures.repeated_ngrams(text, 4),
            "repeated_sentence": float(text_measures.repeats_sentence(text)),
        }
        for text in texts
    ]
