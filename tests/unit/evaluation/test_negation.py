"""Sentences that say the opposite, and those that no rule is sure of."""

from __future__ import annotations

import pytest

from hera.evaluation.negation import negated

TURNED = [
    ("There was no difference between the groups.", "There was a difference between the groups."),
    ("No significant differences were found.", "Significant differences were found."),
    ("The drug had no effect on pain.", "The drug had an effect on pain."),
    ("No deaths occurred.", "Some deaths occurred."),
    ("Pain was higher after surgery.", "Pain was not higher after surgery."),
    ("Pain was significantly lower (p = 0.03).", "Pain was not significantly lower (p = 0.03)."),
    ("Age (which was known) is a predictor.", "Age (which was known) is not a predictor."),
    ("Sleep did not improve.", "Sleep did improve."),
    ("We did not find any change.", "We did find some change."),
    ("The scores didn't differ.", "The scores did differ."),
    ("It cannot predict relapse.", "It can predict relapse."),
    ("It can predict relapse.", "It cannot predict relapse."),
    ("The scores have improved since then.", "The scores have not improved since then."),
    ("Smokers had more pain.", "Smokers did not have more pain."),
    ("Walking reduced pain.", "Walking did not reduce pain."),
    (
        "Patients treated with it slowly improved.",
        "Patients treated with it did not slowly improve.",
    ),
    ("Exercise improves mood.", "Exercise does not improve mood."),
    ("Treatment failed to reduce pain.", "Treatment did reduce pain."),
    ("All patients were cured.", "Not all patients were cured."),
    ("Neither cost nor pain was different.", "Both cost and pain were different."),
    ("In those who were old, pain was common.", "In those who were old, pain was not common."),
    ("We found that pain was common.", "We found that pain was not common."),
]
REFUSED = [
    "Was pain common?",
    "Some patients were cured.",
    "Only in women was pain common.",
    "Patients who were treated slept more.",
    "Pain was not common and was not severe.",
    "Pain was common but not severe.",
    "We asked whether pain was common.",
    "The treatment may be useful.",
    "A randomised trial.",
    "",
]


@pytest.mark.parametrize(("sentence", "opposite"), TURNED)
def test_a_sentence_is_turned(sentence: str, opposite: str) -> None:
    assert negated(sentence) == opposite
    assert negated(f" {sentence}\n") == f" {opposite}\n"


@pytest.mark.parametrize("sentence", REFUSED)
def test_what_no_rule_is_sure_of_is_refused(sentence: str) -> None:
    assert negated(sentence) is None
