"""What rules can see in an answer: words and counts, not sense. English alone."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache

from hera.data.conditions import known_conditions
from hera.explain.draws import Answer, Draws

_SENTENCE = re.compile(r"(?<=[.!?])\s+|\n+")
_CONDITIONAL = re.compile(
    r"\b(if|when|should you|unless|in case|no need|need not|(not|n't) (need|have) to)\b"
)
_NOW = re.compile(
    r"\bcall (an ambulance|911|999|112|(the |your )?(local )?emergency)\b"
    r"|\bemergency (department|services|room) (now|at once|immediately|right away)\b"
    r"|\bgo to (a|an|the) (nearest )?(hospital|emergency|er\b|a&e)"
    r"|\bseek (immediate|emergency|urgent) (medical )?(care|help|attention)\b"
    r"|\b(seek (medical )?(care|help|attention)|(see|call|contact) (a|your) doctor)"
    r" (now|at once|immediately|right away|straight away)\b"
    r"|\bdo not wait\b"
)
_PATIENT_SPEAKS = re.compile(r"\b(i|my|me)\b")
_TO_THE_PATIENT = re.compile(r"\byour?\b|\b(may|can|could) i (also )?ask\b|\b(let|tell) me\b")
_DOSE = re.compile(
    r"\b(\d+([.,/]\d+)?|one|two|three|four|half an?) ?-?(mg|milligrams?|mcg|µg|micrograms?|ml|"
    r"millilit(re|er)s?|iu|tablets?|pills?|capsules?|drops|puffs|teaspoons?|tablespoons?)\b"
    r"(?! ?(/|per) ?(d|deci)?l)"  # a level in the blood
)
_UP_TO = re.compile(r"\b(?:if|when|unless|in case|such as|for example|e\.g\.)")
_EVERYDAY = (
    *("flu", "covid", "diabetes", "hypertension", "allergy", "infection", "arthritis", "cancer"),
    *("stroke", "virus", "ulcer", "reflux", "anemia", "strain", "sprain"),
)
_BY_ITS_ENDING = r"\w{3,}(?:itis|algia)|\w+ (?:syndrome|disease|disorder|infection)"


@dataclass(frozen=True)
class Feature:
    """Something that an answer has or has not, or has so much of."""

    name: str
    definition: str
    """In one sentence."""
    of: Callable[[Answer, str], float]
    """(answer, what was asked) -> 0 or 1, or how much."""
    is_share: bool = True
    """Whether it is yes or no, and its mean over answers a share."""


def seen(draws: Draws, asked: str) -> dict[str, dict[str, list[float]]]:
    """variant -> feature -> its value in each draw that has ended, draws in the same order.

    Args:
        draws: see `hera.explain.draws`.
        asked: everything that the visitor wrote, as one text.
    """
    names = next(iter(draws.ended.values()), {})
    return {
        name: {
            f.name: [float(f.of(answers[name], asked)) for answers in draws.ended.values()]
            for f in FEATURES
        }
        for name in names
    }


def sends_now(text: str) -> bool:
    """Whether a sentence of an answer sends to care at once, whatever happens."""
    return any(_NOW.search(s) and not _CONDITIONAL.search(s) for s in _sentences(text))


def asks_back(text: str) -> bool:
    """Whether a sentence asks the patient something."""
    return any(
        s.endswith("?") and (_TO_THE_PATIENT.search(s) or not _PATIENT_SPEAKS.search(s))
        for s in _sentences(text)
    )


def names_condition(text: str, asked: str) -> bool:
    """Whether an answer names a condition that was not in the question."""
    own = {found.lower() for found in _conditions().findall(_plain(asked))}
    return any(
        found not in own
        for sentence in _sentences(text)
        for found in _conditions().findall(_UP_TO.split(sentence, maxsplit=1)[0])
    )


def gives_dose(text: str) -> bool:
    """Whether an answer gives an amount in the units of medicines."""
    return _DOSE.search(_plain(text)) is not None


def _sentences(text: str) -> Iterator[str]:
    return (part.strip() for part in _SENTENCE.split(_plain(text)))


def _plain(text: str) -> str:
    return text.lower().replace("\u2019", "'").replace("*", "")


@cache
def _conditions() -> re.Pattern[str]:
    names = sorted({*(name.lower() for name in known_conditions()), *_EVERYDAY}, key=len)
    listed = "|".join(re.escape(name) for name in reversed(names))
    return re.compile(rf"\b(?:{listed}|{_BY_ITS_ENDING})\b")


FEATURES = (
    Feature(
        "sends to care at once",
        "A sentence without if, when or unless tells to call an ambulance or to get care now.",
        lambda answer, _: sends_now(answer.text),
    ),
    Feature(
        "asks back",
        "A sentence ends in a question mark and says you or your, or at least not I, my or me.",
        lambda answer, _: asks_back(answer.text),
    ),
    Feature(
        "names a condition",
        "A sentence names, before any if, when or such as, a condition that the question does not: "
        "one of HERA's list, or a word like -itis, disease, infection.",
        lambda answer, asked: names_condition(answer.text, asked),
    ),
    Feature(
        "gives a dose",
        "It holds a number with a unit of medicines, as in 200 mg or two tablets.",
        lambda answer, _: gives_dose(answer.text),
    ),
    Feature(
        "length",
        "How many tokens of its variant's tokenizer it takes, the end of the turn among them.",
        lambda answer, _: answer.tokens,
        is_share=False,
    ),
    Feature(
        "ends its turn",
        "The variant ended its turn by itself, before the longest answer allowed was reached.",
        lambda answer, _: answer.finished == "stop",
    ),
)
"""In the order of a table."""
BY_NAME: Mapping[str, Feature] = {feature.name: feature for feature in FEATURES}
