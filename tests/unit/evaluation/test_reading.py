"""Who reads is told from who guesses: turned sentences, and planted cases over seeds."""

from __future__ import annotations

import pytest

from hera.data import Question, load_pubmedqa
from hera.evaluation.altered import altered
from hera.evaluation.reading import Reads, asked, reads
from hera.evaluation.scoring import score_questions
from hera.evaluation.shortcuts import keyword_rule
from hera.evaluation.turning import turned
from tests.doubles import readers

SEEDS = range(20)
N = 60


@pytest.mark.parametrize(
    ("was", "now"),
    [
        ("Pain was lower with X (12% vs 30%).", "Pain was not lower with X."),
        ("X significantly reduced pain.", "X did not significantly reduce pain."),
        (
            "No significant differences were found (9% against 8%, p = 0.31).",
            "Some significant differences were found (p = 0.004).",
        ),
        ("There was no difference in pain.", "There was a difference in pain."),
        ("Pain did not change with X.", "Pain did change with X."),
        ("Neither X nor Y changed pain.", "Both X and Y changed pain."),
        ("X was no better than Y (P>0.05).", "X was better than Y (P = 0.004)."),
        ("Pain was reduced by X: 2 of 9 had it.", "Pain was not reduced by X."),
        ("The groups were similar in pain.", "The groups were different in pain."),
        (
            "An increased risk of pain was seen with X.",
            "An increased risk of pain was not seen with X.",
        ),
        ("X reduced pain but not fever.", None),
        ("Although X was cheap, it reduced pain.", None),
        ("The mean age was 52 years.", None),
    ],
)
def test_a_sentence_becomes_its_opposite_or_is_left(was: str, now: str | None) -> None:
    assert turned(was) == now


def test_the_finding_is_turned_and_what_stands_beside_it_in_another_form() -> None:
    question = Question(
        "1",
        "Does ginger prevent nausea?",
        (
            "Nausea is common.",
            "Ginger did not change fever. Ginger reduced nausea. Mood was better.",
        ),
        "",
        "yes",
    )
    (one,) = altered([question], 1).values()
    assert one.forms["negated"].contexts[1] == (
        "Ginger did not change fever. Ginger did not reduce nausea. Mood was better."
    )
    assert one.forms["beside"].contexts[1] == (
        "Ginger did not change fever. Ginger reduced nausea. Mood was not better."
    )
    decisions = {form: changed.decision for form, changed in one.forms.items()}
    assert decisions == {"original": "yes", "removed": "yes", "negated": "no", "beside": "yes"}


def test_the_same_seed_changes_the_embedded_questions_the_same_way() -> None:
    questions = load_pubmedqa()[:50]
    once, again = (altered(questions, 7) for _ in range(2))
    assert once == again
    texts = {question.contexts for question in questions}
    for key, one in once.items():
        assert one.forms["exchanged"].contexts in texts - {one.forms["original"].contexts}
        assert one.forms["removed"].contexts == ("",)
        assert key == one.forms["original"].id.partition(":")[2]
        assert ("negated" in one.forms) == bool(one.turned)


def planted(seed: int) -> Reads:
    questions = readers.questions(N, seed)
    engine = readers.engine({q.question: q.decision for q in questions}, seed)
    made = altered(questions, seed)
    scored = [s for chunk in score_questions(engine, asked(made), readers.KINDS) for s in chunk]
    guesses = {"keyword rule": lambda rows: [keyword_rule(q) for q in rows]}
    found = reads(made, scored, readers.KINDS, seed=seed, guesses=guesses)
    assert found is not None
    return found


def test_who_reads_is_found_and_nobody_else_over_seeds() -> None:
    """The habit is right as often as many a model, and the keyword rule turns often enough."""
    found = [planted(seed) for seed in SEEDS]
    rates = {
        name: sum(one.variants[name].reads for one in found) / len(found) for name in readers.KINDS
    }
    print(f"said to read over {len(found)} seeds, n = {N}: {rates}")
    assert rates["reader"] >= 0.95
    assert max(rates[name] for name in ("base", "habit", "keywords")) <= 0.05
    counted = [one.variants["keywords"].against["beside"].told < 0.05 for one in found]
    assert sum(counted) <= 0.05 * len(found)
    habit = [one.gains["habit"] for one in found]
    assert all(gain.survives["removed"].sign <= 0 for gain in habit)
    assert sum(gain.gain.sign > 0 for gain in habit) > len(habit) / 2
    survived = [one.gains["reader"].survives["removed"].sign for one in found]
    assert sum(sign == 1 for sign in survived) >= 0.95 * len(survived)
