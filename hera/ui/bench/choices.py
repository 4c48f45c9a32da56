"""Multiple choice for a visitor: this project's reasoning questions, or a file of MedQA's kind."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import cached_property
from typing import Any

from hera.data import Choice, load_choices
from hera.errors import DataError, InputError
from hera.evaluation import records
from hera.evaluation.choices.asking import (
    REASONING,
    ScoredChoice,
    choice_chunks,
    in_window,
    score,
    shuffled,
)
from hera.evaluation.choices.result import (
    ChoiceResult,
    ChoiceScores,
    choice_header,
    choice_scores,
)
from hera.evaluation.provenance import run_facts
from hera.refs import EMBEDDED, Ref
from hera.ui.asking import MOST
from hera.ui.bench.state import Own, State, drawn
from hera.ui.components.bench_choices import choices_told
from hera.ui.gpu import on_gpu
from hera.ui.measuring import ticked
from hera.ui.serving import Serving
from hera.ui.words import WORDS

SPLIT = "test"
"""Of a file that has several, as `benchmarks.medqa` reads it."""


class Choices:
    """One of the two benchmarks of multiple choice.

    Args:
        serving: whom to ask.
        name: as results call it: "reasoning", or "medqa", for which a visitor brings the questions.
    """

    def __init__(self, serving: Serving, name: str) -> None:
        self.name = name
        self._serving = serving
        self._score = _scoring(serving)

    @cached_property
    def _shipped(self) -> Own | None:
        if self.name != "reasoning":
            return None
        return Own(Ref.of(EMBEDDED), tuple(load_choices(str(REASONING))))

    @property
    def there(self) -> int:
        """How many questions it ships."""
        return len(self._shipped.choices) if self._shipped else 0

    def run(
        self, own: Own | None, /, count: float | None, seed: float | None, chosen: Sequence[str]
    ) -> Iterator[State]:
        """See `Bench.run`: questions in the batches, and at last the file, of the command.

        Raises:
            InputError: no file was chosen, no variant, or a number is out of range.
            DataError: every question is over the window.
        """
        asked = own or self._shipped
        if asked is None:
            raise InputError(WORDS.bench.no_file)
        began, engine = time.monotonic(), self._serving.engine()
        names, number = ticked(engine.variants, chosen), int(seed or 0)
        stored = asked.choices
        sample = drawn(shuffled(stored, number), count, seed, min(MOST, len(stored)))
        shown, left_out = in_window(engine, sample, names)
        if not shown:
            raise DataError(WORDS.bench.all_over)
        state = State(_name(asked), len(shown), len(stored), tuple(names))
        yield state
        by_id = {choice.id: choice for choice in shown}
        for scored in self._score(shown, names):
            scores = choice_scores(_in_order(shown, scored), names, number)
            file = ""
            if len(scored) == len(shown):
                facts = run_facts(engine, began, partial=False)
                facts |= {"left_out": left_out} if left_out else {}
                file = self._file(asked, shown, number, scores, facts)
            yield replace(
                state,
                rows=tuple((by_id[each.id], each) for each in scored),
                told=choices_told(scores, state.total, state.name, left_out),
                compared=scores,
                file=file,
            )

    def _file(
        self,
        asked: Own,
        shown: Sequence[Choice],
        seed: int,
        scores: ChoiceScores,
        facts: dict[str, Any],
    ) -> str:
        split = None if asked.ref.is_embedded else SPLIT
        asks = choice_header(self.name, str(asked.ref), split, shown, seed)
        return records.text(ChoiceResult.of({**asks, **scores.plain(), **facts}))


def _name(asked: Own) -> str:
    if asked.ref.is_embedded:
        return WORDS.bench.kinds["reasoning"].name
    return WORDS.asking.name_own.format(ref=asked.ref)


def _in_order(shown: Sequence[Choice], scored: Sequence[ScoredChoice]) -> list[ScoredChoice]:
    """As the command counts them: in the sample's order."""
    by_id = {each.id: each for each in scored}
    return [by_id[choice.id] for choice in shown if choice.id in by_id]


def _scoring(
    serving: Serving,
) -> Callable[[list[Choice], list[str]], Iterator[list[ScoredChoice]]]:
    """A function of (questions, variants): all that is scored so far, after each batch."""

    def scored_choices(choices: list[Choice], variants: list[str]) -> Iterator[list[ScoredChoice]]:
        scored: list[ScoredChoice] = []
        for chunk in choice_chunks(choices):
            scored += score(serving.engine(), chunk, variants)
            yield list(scored)

    def seconds(choices: list[Choice], variants: list[str]) -> float:
        cost = serving.gpu_seconds
        return cost.start + cost.question * len(choices) * len(variants)

    return on_gpu(scored_choices, seconds)
