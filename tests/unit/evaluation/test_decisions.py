"""What a free answer decides, case by case."""

import pytest

from hera.evaluation.decisions import decision_in

CASES = [
    ("Yes", "yes"),
    ("yes.", "yes"),
    (" Yes, it does.", "yes"),
    ("**Yes**", "yes"),
    ('"No."', "no"),
    ("No", "no"),
    ("No, it does not.", "no"),
    ("No it does not.", "no"),
    ("NO!", "no"),
    ("Maybe", "maybe"),
    ("Maybe. The study was small.", "maybe"),
    ("Decision: no", "no"),
    ("The drug worked well in all groups.\n\nDecision: yes", "yes"),
    ("The answer is maybe.", "maybe"),
    ("The answer is: yes, because it fell.", "yes"),
    ("Answer: **no**", "no"),
    ("My conclusion would be no, since p was 0.8.", "no"),
    ("It did not help. No.", "no"),
    ("Yes. But no in children.", "yes"),
    ("No. Yes in children only.", "no"),
    ("- yes", "yes"),
    ("> maybe", "maybe"),
    ("no\nThe trial was too small.", "no"),
    ("No — the interval held zero.", "no"),
    ("Yes or no? Yes.", "yes"),
    ("Yes, no or maybe? Maybe.", "maybe"),
    ("The question is hard; no.", "no"),
    ("", "none"),
    ("   ", "none"),
    ("Not at all.", "none"),
    ("I do not know.", "none"),
    ("None of the groups improved.", "none"),
    ("Nothing changed.", "none"),
    ("No difference was found.", "none"),
    ("No significant effect on mortality.", "none"),
    ("There was no effect.", "none"),
    ("No-one knows.", "none"),
    ("No one improved.", "none"),
    ("The norm is known.", "none"),
    ("Yes-associated protein was raised.", "none"),
    ("The effect may be real.", "none"),
    ("It is unclear.", "none"),
    ("Read the abstract and answer yes, no or maybe.", "none"),
    ("Yes/no/maybe", "none"),
    ("yes and no", "none"),
    ("The answer is known.", "none"),
    ("The answer is not simple.", "none"),
    ("Eyes were examined. Noses too.", "none"),
]


@pytest.mark.parametrize(("text", "decision"), CASES)
def test_the_first_decision_wins(text: str, decision: str) -> None:
    assert decision_in(text) == decision
