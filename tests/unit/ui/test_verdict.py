"""A pair in sentences, and which questions a filter keeps."""

import pytest

from hera.data import Question
from hera.evaluation.results import PubmedqaScores, pubmedqa_scores
from hera.evaluation.scoring import Scored
from hera.ui.components.filters import filter_choices, filtered
from hera.ui.components.questions import question_text
from hera.ui.components.verdict import paragraph

BEYOND = "it would take more than 100,000"


def scores(both: int, only_a: int, only_b: int, neither: int) -> PubmedqaScores:
    answers = [("yes", "yes")] * both + [("yes", "no")] * only_a
    answers += [("no", "yes")] * only_b + [("no", "no")] * neither
    even = {"yes": -1.0, "no": -1.1, "maybe": -2.0}
    scored = [
        Scored(id=str(i), gold="yes", pred={"a": a, "b": b}, logprobs={"a": even, "b": even})
        for i, (a, b) in enumerate(answers)
    ]
    return pubmedqa_scores(scored, ["a", "b"], seed=1, human=False)


@pytest.mark.parametrize(
    ("counts", "says", "says_not"),
    [
        ((100, 12, 31, 50), ["31 questions right", "once in 190 times", "b is better"], "cannot"),
        ((100, 31, 12, 50), ["and 31 the other way", "b is worse than a"], "cannot"),
        (
            (50, 0, 1, 5),
            ["1 question right", "even a split as there is", "differed on 1"],
            "is better than",
        ),
        (
            (50, 5, 8, 5),
            ["about 58 times in 100", "cannot be told", "There are 500"],
            "is better than",
        ),
        ((50, 9, 9, 5), ["as even a split as there is", BEYOND], "There are"),
        ((50, 0, 0, 5), ["the very same questions", "have not differed on any"], "chance"),
        ((99, 0, 60, 9), ["less than once in a million times", "b is better"], "cannot"),
    ],
)
def test_a_pair_in_sentences(
    counts: tuple[int, int, int, int], says: list[str], says_not: str
) -> None:
    found = scores(*counts)
    text, fields = paragraph(found.paired[0], found, found.n, 500)
    told = text.format(**fields).replace("**", "")
    assert [words for words in says if words not in told] == []
    assert says_not not in told


def test_nothing_is_judged_before_the_end() -> None:
    found = scores(10, 0, 40, 10)
    text, fields = paragraph(found.paired[0], found, 100, 500)
    assert "is better than" not in text
    assert "Judged once all 100 are scored" in text.format(**fields)


def test_filters_and_search() -> None:
    preds = {"1": "yes yes no", "2": "no yes no", "3": "no no no", "4": "yes no yes"}
    rows = [
        (
            Question(key, f"Does it help {key}?", ("Patients.", "Hip"), "", "yes"),
            Scored(
                id=key, gold="yes", pred=dict(zip(("base", "s1", "s2"), p.split(), strict=True))
            ),
        )
        for key, p in preds.items()
    ]

    def ids(chosen: str, search: str = "") -> str:
        return "".join(question.id for question, _ in filtered(rows, chosen, search, question_text))

    wanted = {"all": "1234", "right": "", "wrong": "3", "changed": "124", "gained": "2"}
    wanted |= {"lost": "14", "right s1": "12", "wrong base": "23", "only s1": "2", "only s2": ""}
    assert {kind: ids(kind) for kind in wanted} == wanted
    assert ids("all", "HIP 3") == "3"
    assert ids("changed", "no such word") == ""
    values = [value for _, value in filter_choices(["base", "s1", "s2"])]
    assert set(wanted) < set(values)
    assert [value for _, value in filter_choices(["s1"])] == ["all", "right s1", "wrong s1"]
