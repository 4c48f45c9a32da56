"""Multiple choice as it is asked: shuffled options, scored by the letters' likelihood.

The options are shuffled by the seed, the right ones spread evenly over the four places: every fixed
letter scores 25 % on all questions, and about that on a sample of them. The likeliest of " A",
" B", " C" and " D" after the prompt is a variant's answer.
"""

from __future__ import annotations

import random
import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from hera.data import Choice
from hera.data.choices import LETTERS
from hera.evaluation.scoring import Scored, check_finite
from hera.prompts import LETTER_TEXTS, choose_messages
from hera.types import Engine

REASONING = Path(__file__).parents[1] / "questions" / "reasoning.jsonl"
"""This project's own questions; what they are and are not is said beside them."""

_CHUNK = 16  # questions between two updates
_LETTER_ROOM = 8  # tokens of a letter, in any tokenizer
_NEIGHBOURS = re.compile(
    r"\b(all|none|any|both) (of )?(the )?(above|these)\b|(?<!\w)[a-d]\s*(and|&|,|\+)\s*[a-d](?!\w)",
    re.IGNORECASE,
)


class ScoredChoice(Scored):
    """One question as it was asked, with every variant's letter."""

    topic: str
    options: tuple[str, ...]


def shuffled(choices: Sequence[Choice], seed: int) -> list[Choice]:
    """The questions with their options in the seed's order, the right ones spread evenly over the
    four places; as it is stays a question of which an option names its neighbours ("both a and c",
    "all of the above")."""
    draws = {c.id: random.Random(f"{seed}:{c.id}") for c in choices if not refers(c)}
    ranked = sorted(draws, key=lambda key: draws[key].random())
    places = {key: rank % len(LETTERS) for rank, key in enumerate(ranked)}
    return [_moved(c, places[c.id], draws[c.id]) if c.id in places else c for c in choices]


def _moved(choice: Choice, place: int, draw: random.Random) -> Choice:
    wrong = [option for i, option in enumerate(choice.options) if i != choice.answer]
    options = draw.sample(wrong, len(wrong))
    options.insert(place, choice.options[choice.answer])
    return replace(choice, options=tuple(options), answer=place)


def refers(choice: Choice) -> bool:
    """Whether an option makes sense only where it stands."""
    return any(_NEIGHBOURS.search(option) for option in choice.options)


def in_window(
    engine: Engine, choices: Sequence[Choice], variants: Sequence[str]
) -> tuple[list[Choice], list[str]]:
    """The questions that fit into these variants' windows, and the ids of the others."""
    prompts = {c.id: choose_messages(c.question, c.options) for c in choices}
    left_out = [
        name for name, asked in prompts.items() if engine.excess(asked, _LETTER_ROOM, variants) > 0
    ]
    return [choice for choice in choices if choice.id not in left_out], left_out


def choice_chunks(choices: Sequence[Choice]) -> list[list[Choice]]:
    """Similar lengths together: little padding."""
    ordered = sorted(choices, key=lambda c: (len(c.question) + sum(map(len, c.options)), c.id))
    return [ordered[i : i + _CHUNK] for i in range(0, len(ordered), _CHUNK)]


def score(engine: Engine, choices: Sequence[Choice], variants: Sequence[str]) -> list[ScoredChoice]:
    """The questions as they were asked, with each variant's letter and log-likelihoods.

    Raises:
        InputError: see `Engine.label_logprobs`.
        ModelError: see `check_finite`.
    """
    prompts = [choose_messages(c.question, c.options) for c in choices]
    logprobs = engine.label_logprobs(prompts, LETTER_TEXTS, variants)
    check_finite(logprobs, variants, [f"question {choice.id}" for choice in choices])
    items = []
    for i, choice in enumerate(choices):
        rows = dict(zip(variants, logprobs[:, i], strict=True))
        item = ScoredChoice(
            id=choice.id,
            gold=LETTERS[choice.answer],
            pred={name: LETTERS[int(row.argmax())] for name, row in rows.items()},
            logprobs={
                name: dict(zip(LETTERS, map(float, row), strict=True)) for name, row in rows.items()
            },
            topic=choice.topic,
            options=choice.options,
        )
        items.append(item)
    return items
