"""Multiple choice for a visitor: this project's reasoning questions, or a file of MedQA's kind."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property

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
    choice_header,
    choice_scores,
)
from hera.evaluation.provenance import run_facts
from hera.refs import EMBEDDED, Ref
from hera.ui.asking import MOST
from hera.ui.bench.running import asking
from hera.ui.bench.state import Own, Plan, Said, Settings, drawn
from hera.ui.components.bench_choices import choices_told
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
        self._score = asking(serving, choice_chunks, score, self._seconds)

    def _seconds(self, choices: list[Choice], variants: list[str]) -> float:
        cost = self._serving.gpu_seconds
        return cost.start + cost.question * len(choices) * len(variants)

    @cached_property
    def _shipped(self) -> Own | None:
        if self.name != "reasoning":
            return None
        return Own(Ref.of(EMBEDDED), tuple(load_choices(str(REASONING))))

    @property
    def there(self) -> int:
        """How many questions it ships."""
        return len(self._shipped.choices) if self._shipped else 0

    def plan(self, settings: Settings, /) -> Plan:
        """See `Bench.plan`: questions in the batches, and at last the file, of the command.

        Raises:
            InputError: no file was chosen, no variant, or a number is out of range.
            DataError: every question is over the window.
        """
        asked = settings.own or self._shipped
        if asked is None:
            raise InputError(WORDS.bench.no_file)
        engine, stored = self._serving.engine(), asked.choices
        names, seed = ticked(engine.variants, settings.chosen), int(settings.seed or 0)
        most = min(MOST, len(stored))
        sample = drawn(shuffled(stored, seed), settings.count, settings.seed, most)
        shown, left_out = in_window(engine, sample, names)
        if not shown:
            raise DataError(WORDS.bench.all_over)
        name = _name(asked)
        split = None if asked.ref.is_embedded else SPLIT
        head = choice_header(self.name, str(asked.ref), split, shown, seed)

        def said(done: list[ScoredChoice], began: float) -> Said:
            by_id = {choice.id: choice for choice in shown}
            scores = choice_scores(_in_order(shown, done), names, seed)
            file = ""
            if len(done) == len(shown):
                facts = run_facts(engine, began, partial=False)
                facts |= {"left_out": left_out} if left_out else {}
                file = records.text(ChoiceResult.of({**head, **scores.plain(), **facts}))
            return Said(
                tuple((by_id[each.id], each) for each in done),
                choices_told(scores, left_out),
                scores,
                file,
            )

        return Plan(name, head["data"], len(stored), tuple(names), shown, self._score, said)


def _name(asked: Own) -> str:
    if asked.ref.is_embedded:
        return WORDS.bench.kinds["reasoning"].name
    return WORDS.asking.name_own.format(ref=asked.ref)


def _in_order(shown: Sequence[Choice], scored: Sequence[ScoredChoice]) -> list[ScoredChoice]:
    """As the command counts them: in the sample's order."""
    by_id = {each.id: each for each in scored}
    return [by_id[choice.id] for choice in shown if choice.id in by_id]
