"""From questions to predictions, with an engine that says what it is told."""

from __future__ import annotations

import pytest

from hera.data import Question
from hera.errors import ConfigError, DataError
from hera.evaluation.comparing import compare, questions_to_tell
from hera.evaluation.power import mcnemar_power
from hera.evaluation.results import pubmedqa_scores
from hera.evaluation.scoring import answer_chunk, in_chunks, prompt_for, score_questions
from hera.evaluation.summary import pubmedqa_summary
from tests.doubles.engine import FakeEngine

QUESTIONS = [
    Question(str(i), f"Question {i}?", ("An abstract. " * (i % 3 + 1),), "", decision)
    for i, decision in enumerate(["yes", "no", "maybe"] * 12)
]


def likelihood(variant: str, prompt: str, label: str) -> float:
    """The base always says yes; the reader finds the decision by the question's number."""
    if variant == "base":
        return -0.1 if label == " yes" else -3.0
    number = int(prompt.split("Question ")[1].split("?")[0])
    return -0.1 if label == f" {QUESTIONS[number].decision}" else -3.0


@pytest.fixture(scope="module")
def engine() -> FakeEngine:
    return FakeEngine({"base": "Yes.", "reader": "No. It did not help."}, likelihood)


def test_every_question_is_scored_once_in_chunks_of_similar_length(engine: FakeEngine) -> None:
    chunks = list(score_questions(engine, QUESTIONS, engine.variants))
    assert [len(chunk) for chunk in chunks] == [16, 16, 4]
    scored = [s for chunk in chunks for s in chunk]
    assert sorted(s.id for s in scored) == sorted(q.id for q in QUESTIONS)
    assert all(s.pred == {"base": "yes", "reader": s.gold} for s in scored)
    assert scored[0].logprobs["base"] == pytest.approx({"yes": -0.1, "no": -3.0, "maybe": -3.0})


def test_numbers_by_hand(engine: FakeEngine) -> None:
    scored = [s for c in score_questions(engine, QUESTIONS, engine.variants) for s in c]
    scores = pubmedqa_scores(scored, engine.variants, seed=0, human=True)
    base, reader = scores.variants["base"], scores.variants["reader"]
    assert (base.accuracy, reader.accuracy) == (1 / 3, 1.0)
    assert base.confusion["maybe"] == {"yes": 12, "no": 0, "maybe": 0}
    assert scores.baselines["majority"].accuracy == pytest.approx(1 / 3)
    assert scores.baselines["human"].accuracy == 0.78
    (pair,) = scores.paired
    assert (pair.only_a, pair.only_b, pair.verdict) == (0, 24, 1)
    assert pair.difference == pytest.approx(2 / 3)
    assert compare(scored, "base", "reader").p == pair.p < 1e-6
    printed = pubmedqa_summary(scores, "title")
    for words in ("title", "reader          1.000", "only base right 0", "With n = 36"):
        assert words in printed
    assert "To tell" not in printed  # it is told


def test_what_cannot_be_told_says_how_many_questions_would(engine: FakeEngine) -> None:
    scored = [s for c in score_questions(engine, QUESTIONS[:3], engine.variants) for s in c]
    scores = pubmedqa_scores(scored, engine.variants, seed=0, human=False)
    (pair,) = scores.paired
    needed = questions_to_tell(pair, 3, 1)
    assert (pair.verdict, pair.only_a, pair.only_b) == (0, 0, 2)
    assert needed is not None
    assert mcnemar_power(0, 2 / 3, needed) >= 0.8
    said = f"To tell reader from base in 4 of 5 runs takes about {needed} questions"
    assert said in pubmedqa_summary(scores, "title")


def test_free_answers_are_read(engine: FakeEngine) -> None:
    scored = answer_chunk(engine, QUESTIONS[:2], engine.variants)
    assert [s.pred for s in scored] == [{"base": "yes", "reader": "no"}] * 2
    assert scored[0].texts["reader"] == "No. It did not help."
    scores = pubmedqa_scores(scored, engine.variants, seed=0, human=False)
    item = scores.variants["base"].items[0]
    assert item.plain() == {"id": "0", "gold": "yes", "pred": "yes", "text": "Yes."}
    assert scores.variants["base"].calibration is None


def test_nothing_to_score_and_no_such_prompt() -> None:
    with pytest.raises(DataError, match="no questions"):
        in_chunks([])
    with pytest.raises(ConfigError, match=r"choose hera, lm-eval, .* or alpaca"):
        prompt_for(QUESTIONS[0], "other")
