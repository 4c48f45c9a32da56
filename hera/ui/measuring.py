"""A visitor's PubMedQA run: which questions, which variants, and what their answers say so far."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from hera.data import Question
from hera.errors import InputError
from hera.evaluation import records, results
from hera.evaluation.provenance import run_facts
from hera.evaluation.results import PubmedqaResult, PubmedqaScores, pubmedqa_scores
from hera.evaluation.scoring import Scored, cut_ids
from hera.types import Engine
from hera.ui.asking import Asked
from hera.ui.bench.state import drawn
from hera.ui.words import WORDS


def sample(asked: Asked, count: float | None, seed: float | None) -> list[Question]:
    """A seeded sample of the questions, in a seeded order.

    Raises:
        InputError: a box is empty, or the number is out of range.
    """
    return drawn(asked.questions, count, seed, asked.most)


def ticked(variants: Sequence[str], chosen: Sequence[str]) -> list[str]:
    """The chosen ones of the variants, in the variants' order.

    Raises:
        InputError: none is chosen.
    """
    names = [name for name in variants if name in chosen]
    if not names:
        raise InputError(WORDS.errors.no_variant)
    return names


def scores_so_far(
    asked: Asked,
    questions: Sequence[Question],
    scored: Sequence[Scored],
    variants: Sequence[str],
    seed: int,
) -> PubmedqaScores:
    """What the answers say, taken in the questions' order, as `benchmarks.pubmedqa` takes them."""
    places = {question.id: place for place, question in enumerate(questions)}
    in_order = sorted(scored, key=lambda s: places[s.id])
    return pubmedqa_scores(in_order, variants, seed=seed, human=asked.published)


def cut_note(scored: Sequence[Scored]) -> list[str]:
    """How many abstracts were over the model's window and which, in a line; none where none was."""
    cut = cut_ids(scored)
    return [WORDS.pubmedqa.cut.format(count=len(cut), ids=", ".join(cut))] if cut else []


def header(asked: Asked, questions: Sequence[Question], seed: int) -> dict[str, Any]:
    """What was asked, as results.json begins."""
    return results.pubmedqa_header(asked.ref, asked.split, questions, prompt="hera", seed=seed)


def results_text(
    asked: Asked,
    questions: Sequence[Question],
    scored: Sequence[Scored],
    scores: PubmedqaScores,
    engine: Engine,
    seed: int,
    began: float,
) -> str:
    """A results.json to download, as `python -m benchmarks.pubmedqa` writes it. It is no file
    here: a visitor's own questions are in it.

    Args:
        asked: where the questions are from.
        questions: all that were asked.
        scored: all of them.
        scores: what they say.
        engine: what answered.
        seed: of the sample.
        began: `time.monotonic()` at the start.
    """
    cut = cut_ids(scored)
    facts = run_facts(engine, began, partial=False) | ({"cut": cut} if cut else {})
    content = {**header(asked, questions, seed), **scores.plain(), **facts}
    return records.text(PubmedqaResult.of(content))
