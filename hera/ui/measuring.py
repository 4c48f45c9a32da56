"""A visitor's PubMedQA run: which questions, which variants, and what their answers say so far."""

from __future__ import annotations

import random
import tempfile
from collections.abc import Sequence
from pathlib import Path

from hera.data import Question, load_pubmedqa
from hera.errors import InputError
from hera.evaluation import records, results
from hera.evaluation.provenance import run_facts
from hera.evaluation.results import PubmedqaResult, PubmedqaScores, pubmedqa_scores
from hera.evaluation.scoring import Scored, cut_ids
from hera.refs import EMBEDDED, Ref
from hera.types import Engine
from hera.ui.words import WORDS

MOST = 500
_WHOLE = "all of it"  # the embedded questions have no official split


def sample(count: float | None, seed: float | None) -> list[Question]:
    """A seeded sample of the embedded held-out questions, in a seeded order.

    Raises:
        InputError: a box is empty, or the number is out of range.
    """
    if count is None or seed is None:
        raise InputError(WORDS.errors.no_sample)
    questions = load_pubmedqa()
    most = min(MOST, len(questions))
    if not 1 <= count <= most:
        raise InputError(WORDS.errors.count.format(count=count, most=most))
    return random.Random(int(seed)).sample(questions, int(count))


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
    questions: Sequence[Question], scored: Sequence[Scored], variants: Sequence[str], seed: int
) -> PubmedqaScores:
    """What the answers say, taken in the questions' order, as `benchmarks.pubmedqa` takes them."""
    places = {question.id: place for place, question in enumerate(questions)}
    in_order = sorted(scored, key=lambda s: places[s.id])
    return pubmedqa_scores(in_order, variants, seed=seed, human=False)


def cut_note(scored: Sequence[Scored]) -> list[str]:
    """How many abstracts were over the model's window and which, in a line; none where none was."""
    cut = cut_ids(scored)
    return [WORDS.pubmedqa.cut.format(count=len(cut), ids=", ".join(cut))] if cut else []


def results_file(
    questions: Sequence[Question],
    scored: Sequence[Scored],
    scores: PubmedqaScores,
    engine: Engine,
    seed: int,
    began: float,
) -> str:
    """A results.json to download, as `python -m benchmarks.pubmedqa` writes it; its path.

    Args:
        questions: all that were asked.
        scored: all of them.
        scores: what they say.
        engine: what answered.
        seed: of the sample.
        began: `time.monotonic()` at the start.
    """
    path = Path(tempfile.mkdtemp()) / results.FILE
    ref = Ref.of(EMBEDDED, "--data")
    header = results.pubmedqa_header(ref, _WHOLE, questions, prompt="hera", seed=seed)
    cut = cut_ids(scored)
    facts = run_facts(engine, began, partial=False) | ({"cut": cut} if cut else {})
    records.write(path, PubmedqaResult.of({**header, **scores.plain(), **facts}))
    return str(path)
