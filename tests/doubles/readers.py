"""Who reads and who does not, on questions whose findings are known: an engine of planted cases.

A question asks whether one drug changes one outcome. Its results name that outcome in one sentence
and others in the sentences around it, in the same words, so only who looks at the question knows
which counts.
"""

from __future__ import annotations

import hashlib
import random
import re

from hera.data import Question
from hera.evaluation.shortcuts import keyword_rule
from tests.doubles.engine import FakeEngine

KINDS = ("base", "reader", "habit", "keywords")
"""Variants: one that answers at random, one that reads, one that looks at the question alone and
guesses well, and one that counts words."""

_FORMS = (
    ("{drug} reduced {outcome} (P = 0.004).", "{drug} did not reduce {outcome} (P = 0.64)."),
    ("{outcome} was lower with {drug}.", "{outcome} was not lower with {drug}."),
    ("A change of {outcome} was seen with {drug}.", "No change of {outcome} was seen with {drug}."),
)
_DENIAL = re.compile(r"\b(not?|without)\b|\bP = 0\.64", re.IGNORECASE)


def questions(n: int, seed: int) -> list[Question]:
    """So many, of which about six in ten are answered with yes."""
    draw = random.Random(seed)
    return [_question(f"{seed}-{i}", draw) for i in range(n)]


def engine(golds: dict[str, str], seed: int, slips: float = 0.15) -> FakeEngine:
    """All `KINDS` as variants of one engine.

    Args:
        golds: question's text -> its decision, for the habit, which knows seven in ten of them.
        seed: of their mistakes.
        slips: how often each answers anything instead.
    """

    def likelihood(variant: str, prompt: str, label: str) -> float:
        return 0.0 if label.strip() == _answer(variant, prompt, golds, seed, slips) else -5.0

    return FakeEngine(dict.fromkeys(KINDS, ""), likelihood)


def _question(name: str, draw: random.Random) -> Question:
    drug, outcome = f"drug{draw.randrange(10**6):06}", f"outcome{draw.randrange(10**6):06}"
    decision = "yes" if draw.random() < 0.6 else "no"
    said = [_sentence(drug, outcome, decision, draw)]
    for _ in range(4):
        others = f"compound{draw.randrange(10**6):06}", f"measure{draw.randrange(10**6):06}"
        said.append(_sentence(*others, draw.choice(("yes", "no")), draw))
    draw.shuffle(said)
    results = " ".join(text[0].upper() + text[1:] for text in said)
    asked = f"Is there a change of {outcome} with {drug}?"
    return Question(name, asked, ("Rats were followed.", results), "", decision)


def _sentence(drug: str, outcome: str, decision: str, draw: random.Random) -> str:
    found, denied = draw.choice(_FORMS)
    return (found if decision == "yes" else denied).format(drug=drug, outcome=outcome)


def _answer(variant: str, prompt: str, golds: dict[str, str], seed: int, slips: float) -> str:
    luck = random.Random(hashlib.sha256(f"{seed}{variant}{prompt}".encode()).digest())
    abstract, _, rest = prompt.partition("Question: ")
    question = rest.partition("\n")[0]
    if variant == "base" or luck.random() < slips:
        return luck.choice(("yes", "no"))
    if variant == "habit":
        known = random.Random(f"{seed}{question}").random() < 0.7
        gold = golds.get(question, "yes")
        return gold if known else "yes"
    if variant == "keywords":
        return keyword_rule(Question("", question, tuple(abstract.split("\n")), "", "yes"))
    return _read(abstract, question)


def _read(abstract: str, question: str) -> str:
    """What the sentence on the question's outcome says; "maybe" where none is on it."""
    names = re.findall(r"outcome\d+", question)
    about = [s for s in re.split(r"(?<=\.)\s", abstract) if names and names[0] in s.lower()]
    if not about:
        return "maybe"
    return "no" if _DENIAL.search(about[-1]) else "yes"
