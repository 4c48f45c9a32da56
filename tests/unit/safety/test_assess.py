"""What people write, and what `hera.safety.assess` makes of it."""

from __future__ import annotations

import subprocess
import sys

import pytest

from hera.safety import assess, assess_conversation, with_notice

EMERGENCIES = [
    ("my mouth droops and I can't lift my arm", "stroke"),
    ("My wife's face is drooping on one side and her speech is slurred", "stroke"),
    ("suddenly my left arm and leg went numb, started 10 minutes ago", "stroke"),
    ("I have chest pain and I'm sweating a lot", "heart_attack"),
    ("chest pain that spreads to my jaw", "heart_attack"),
    ("i have crushing chest pain", "heart_attack"),
    ("i cant breath", "breathing"),
    ("My father is not breathing!", "breathing"),
    ("He's choking on a piece of meat", "breathing"),
    ("After eating peanuts my tongue is swelling", "anaphylaxis"),
    ("my leg is bleeding and it won't stop", "severe_bleeding"),
    ("I'm vomiting blood", "severe_bleeding"),
    ("my husband won't wake up", "unconscious"),
    ("grandma is unresponsive", "unconscious"),
    ("she's unconsious, what now", "unconscious"),
    ("my son is having a siezure right now", "seizure"),
    ("My toddler drank bleach", "poisoning"),
    ("I took 30 paracetamol an hour ago", "poisoning"),
    ("high fever, stiff neck and a rash that does not fade", "meningitis"),
    ("my baby has had no wet diapers all day and is very sleepy", "sick_baby"),
    ("our 3-week-old has a fever", "sick_baby"),
    ("I am 30 weeks pregnant and bleeding", "pregnancy"),
    ("Pregnant with a terrible headache and blurred vision", "pregnancy"),
    ("sudden severe pain in my left testicle", "testicular_torsion"),
    ("He has a fever and is confused, his skin is mottled", "sepsis"),
    ("my son hit his head and now he keeps vomiting", "head_injury"),
    ("I have the worst headache of my life", "head_injury"),
    ("back pain and numb between my legs, I can't pee", "spinal_cord"),
    ("my brother is diabetic and very confused", "diabetic_emergency"),
    ("I got acid in my eyes", "major_injury"),
]
CRISES = [
    ("I want to kill myself", "suicide"),
    ("i dont want to live anymore", "suicide"),
    ("I'm feeling suicidal", "suicide"),
    ("my friend says she wants to end her life", "suicide"),
    ("I keep cutting myself when I am alone", "self_harm"),
    ("I have the urge to hurt myself", "self_harm"),
    ("My husband hits me", "abuse"),
    ("I was raped last night by my boyfriend and I am scared", "abuse"),
    ("voices tell me to hurt someone", "harm_to_others"),
]
NOTHING_URGENT = [
    "",
    "Hello",
    "I have a cold and a runny nose. What helps?",
    "I have a throbbing headache on one side. What should I do?",
    # asked in general
    "what are the signs of a stroke?",
    "What are the symptoms of meningitis?",
    "How do I know if someone is having a heart attack?",
    "Can stress cause chest pain and shortness of breath?",
    "What should I do if someone is unconscious?",
    "Why do people commit suicide?",
    # long ago, somebody else's past, invented
    "My grandfather had a stroke in 1990.",
    "my mother had a heart attack 10 years ago, should I worry?",
    "When I was a child I had a seizure that lasted minutes.",
    "Last year I had chest pain with sweating, all tests were fine.",
    "My uncle died of an overdose",
    "I'm writing a novel in which he can't breathe and turns blue.",
    # denied
    "no chest pain",
    "I don't have any chest pain, sweating or shortness of breath.",
    "She fell but she did not hit her head and is not vomiting",
    "I'm not suicidal, only tired",
    "I would never hurt myself",
    # idioms and accidents
    "This headache is killing me",
    "I could kill for a coffee",
    "My gums bleed when I brush",
    "Stuffed nose, I have trouble breathing through my nose",
    "I have a cough without trouble breathing",
    "My head hurts",
    "my son has a fever and plays",
    "I took two ibuprofen for my knee",
    "me duele la cabeza",
    "I have a panic before every exam",
]
STILL_URGENT = [
    "No fever, but I have chest pain and my left arm hurts",
    "I had a stroke in 2015 and now my face is drooping again",
    "I have no allergies and my husband is not breathing",
    "What are the signs of a stroke? My mouth is drooping and my arm is numb.",
    "I don't know what to do, my wife is unconscious",
    "My dad had a heart attack years ago. He has crushing chest pain again.",
    "The bleeding is not stopping",
]


@pytest.mark.parametrize(("message", "flag"), EMERGENCIES)
def test_emergencies(message: str, flag: str) -> None:
    found = assess(message)
    assert (found.level, flag in found.flags) == ("emergency", True), found
    assert "local emergency number" in found.notice


@pytest.mark.parametrize(("message", "flag"), CRISES)
def test_crises(message: str, flag: str) -> None:
    found = assess(message)
    assert (found.level, flag in found.flags) == ("crisis", True), found
    assert "crisis line" in found.notice


@pytest.mark.parametrize("message", NOTHING_URGENT)
def test_nothing_urgent(message: str) -> None:
    found = assess(message)
    assert (found.level, found.flags, found.notice) == ("none", (), "")


@pytest.mark.parametrize("message", STILL_URGENT)
def test_what_is_denied_or_past_hides_nothing(message: str) -> None:
    assert assess(message).level == "emergency"


@pytest.mark.parametrize(
    ("message", "flag", "words"),
    [
        ("How much ibuprofen can I take?", "dose_question", "pharmacist"),
        ("Can I take ibuprofen with warfarin?", "interaction_question", "pharmacist"),
        ("Do I have cancer?", "diagnosis_demand", "No message can be a diagnosis"),
        ("Is it safe to take antihistamines while pregnant?", "pregnancy_question", "midwife"),
        ("My phone number is 555 0100", "personal_data", "leave out"),
        ("Are my messages stored?", "privacy_question", "keeps no conversation"),
    ],
)
def test_small_notices_leave_the_level_alone(message: str, flag: str, words: str) -> None:
    found = assess(message)
    assert found.level == "none"
    assert flag in found.flags
    assert words in found.notice


def test_an_overdose_to_die_is_both_and_emergency_first() -> None:
    found = assess("I took 40 pills because I want to die")
    assert found.level == "emergency"
    assert {"poisoning", "suicide"} <= set(found.flags)
    first, second, third = found.notice.split("\n\n")
    assert "emergency number now" in first
    assert "crisis line" in second
    assert "poison centre" in third


def test_how_it_is_written_does_not_matter() -> None:
    plain = assess("I can't breathe")
    for message in (
        "I CAN\u2019T BREATHE!!!",
        "i cant  breathe",
        "i\ncan not breathe",
        "I can't brethe",
    ):
        found = assess(message)
        assert (found.level, found.flags) == (plain.level, plain.flags)


def test_an_earlier_emergency_stands_until_another() -> None:
    told = ["my husband is not breathing", "it began an hour ago"]
    assert assess_conversation(told).level == "emergency"
    assert assess_conversation([*told, "I want to kill myself"]).level == "crisis"
    assert assess_conversation(["How much ibuprofen can I take?", "Thanks"]).notice == ""
    assert assess_conversation([]).level == "none"


def test_the_answer_follows_the_notice_unchanged() -> None:
    assert with_notice("", " text") == " text"
    assert with_notice("Call.", " text") == "Call.\n\n text"


def test_a_flag_at_either_end_of_a_very_long_message_is_seen() -> None:
    filler = "and then I went home. " * 5000
    assert assess(f"{filler} I can't breathe").level == "emergency"
    assert assess(f"I can't breathe. {filler}").level == "emergency"


def test_it_needs_no_model() -> None:
    code = (
        "import sys; from hera.safety import assess; assess('I can not breathe');"
        "print([m for m in ('torch', 'gradio', 'transformers') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
