"""What rules see in an answer, on sentences written for each of them."""

from __future__ import annotations

import pytest

from hera.explain import features
from hera.explain.draws import Answer, Draws


@pytest.mark.parametrize(
    ("text", "sent"),
    [
        ("Call an ambulance first. This could be a stroke.", True),
        ("This could be a stroke. Please call the emergency number now.", True),
        ("Please seek care at once. You write that your lips are blue.", True),
        ("Go to the nearest emergency department now, because you cannot breathe.", True),
        ("**Call 911** or go to the ER.", True),
        ("These are warning signs.\nSeek immediate medical attention", True),
        ("If your lips turn blue, seek care at once.", False),
        ("Watch for this: when your face droops, call an ambulance.", False),
        ("There is no need to call an ambulance.", False),
        ("Your own doctor may look into your throat.", False),
    ],
)
def test_only_what_is_said_without_an_if_sends_to_care_at_once(text: str, sent: bool) -> None:
    assert features.sends_now(text) is sent


@pytest.mark.parametrize(
    ("text", "asks"),
    [
        ("Rest your foot. May I ask: has it happened before? Get well soon.", True),
        ("I see. Does bright light hurt?", True),
        ("How long have you had it? I would like to know.", True),
        ("Ask the doctor: what can I do? Then rest.", False),
        ("You may ask yourself why this happens.", False),
    ],
)
def test_a_question_to_the_patient_asks_back(text: str, asks: bool) -> None:
    assert features.asks_back(text) is asks


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("This may be a Tension Headache.", True),
        ("It sounds like Meniere\u2019s disease", True),
        ("This is often tendinitis.", True),
        ("With asthma, seek care at once if you cannot speak.", True),
        ("Such pain is typical of a migraine.", False),  # the visitor said so
        ("I can talk about common complaints such as gout or asthma.", False),
        ("Seek care at once if you have a seizure.", False),
        ("Rest in a dark room and drink water.", False),
    ],
)
def test_a_condition_is_named_that_the_question_does_not_name(text: str, named: bool) -> None:
    assert features.names_condition(text, "Is this a migraine?") is named


@pytest.mark.parametrize(
    ("text", "gives"),
    [
        ("Take 200 mg twice a day.", True),
        ("Take 1,000mg.", True),
        ("One or two tablets help.", True),
        ("Put 3-4 drops into the ear.", True),
        ("Your sugar should be below 126 mg/dL.", False),
        ("Rest for two days and drink water.", False),
    ],
)
def test_a_number_with_a_unit_of_medicines_is_a_dose(text: str, gives: bool) -> None:
    assert features.gives_dose(text) is gives


def test_every_draw_is_measured_in_the_order_of_its_seed() -> None:
    asks, cut = Answer("Since when?", 4, "stop"), Answer("This may be gout. Take", 9, "length")
    seen = features.seen(Draws(2, {7: {"base": asks}, 8: {"base": cut}}), "My toe hurts.")
    assert seen["base"] == {
        "sends to care at once": [0, 0],
        "asks back": [1, 0],
        "names a condition": [0, 1],
        "gives a dose": [0, 0],
        "length": [4, 9],
        "ends its turn": [1, 0],
    }
    assert all(f.definition.endswith(".") for f in features.FEATURES)
