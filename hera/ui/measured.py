"""A visitor's PubMedQA run as far as it has come: what may go on, be listed, drawn and saved."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from hera.data import Question
from hera.evaluation.results import PubmedqaScores
from hera.evaluation.scoring import Scored
from hera.ui.asking import Asked
from hera.ui.measuring import scores_so_far


@dataclass(frozen=True)
class Measured:
    """One run.

    Args:
        asked: where the questions are from.
        questions: all that are to be scored, as the sample has them.
        seed: of the sample.
        variants: whose answers are scored.
        scored: as far as that was done, in that order.
        scores: what they say; None of none.
        seconds: that it took so far.
    """

    asked: Asked
    questions: tuple[Question, ...]
    seed: int
    variants: tuple[str, ...]
    scored: tuple[Scored, ...] = ()
    scores: PubmedqaScores | None = None
    seconds: float = 0.0

    @property
    def total(self) -> int:
        """How many questions are to be scored."""
        return len(self.questions)

    @property
    def name(self) -> str:
        """What was asked, as headings call it."""
        return self.asked.name

    @property
    def complete(self) -> bool:
        """Whether all of them are."""
        return len(self.scored) == self.total

    @property
    def left(self) -> list[Question]:
        """What is still to be scored."""
        done = {each.id for each in self.scored}
        return [question for question in self.questions if question.id not in done]

    @property
    def rows(self) -> list[tuple[Question, Scored]]:
        """Every scored question with its answers, in the order in which they came."""
        by_id = {question.id: question for question in self.questions}
        return [(by_id[each.id], each) for each in self.scored]

    def further(self, scored: Sequence[Scored], seconds: float) -> Measured:
        """It with all that is scored by now, after so many seconds."""
        scores = scores_so_far(self.asked, self.questions, scored, self.variants, self.seed)
        return replace(self, scored=tuple(scored), scores=scores, seconds=seconds)
