"""Invented studies, as PubMedQA rows: the numbers agree with the decision.

Held out for the test split: one in eight pairs of subject and outcome, and the last phrasing of
every list of four or more. Backgrounds lean to either side, whatever the decision.
"""

from __future__ import annotations

import hashlib
import tomllib
from collections.abc import Sequence
from math import exp, log, sqrt
from pathlib import Path
from random import Random
from statistics import NormalDist
from typing import Any

WORLD = Path(__file__).parent / "world"
FAMILIES = ("trial", "association", "test", "change")
SHARES = {"yes": 0.55, "no": 0.34, "maybe": 0.11}
"""How often each decision occurs in PubMedQA's labelled set (Jin et al. 2019, table 2)."""


def read_world(name: str) -> dict[str, Any]:
    """A data file of the small world."""
    return tomllib.loads((WORLD / f"{name}.toml").read_text(encoding="utf-8"))


def choose(rng: Random, phrasings: Sequence[Any], split: str) -> Any:
    """One phrasing; outside the test split never the one that is kept for it."""
    kept = len(phrasings) >= 4 and split != "test"
    return rng.choice(phrasings[:-1] if kept else phrasings)


def question_row(world: dict[str, Any], split: str, rng: Random, number: int) -> dict[str, Any]:
    """One row in the schema of the Hub's `qiaojin/PubMedQA`."""
    family = world[rng.choice(FAMILIES)]
    decision = rng.choices(list(SHARES), list(SHARES.values()))[0]
    subject, outcome = _pair(family, split, rng)
    slots = {**_who(world, rng), **_words(subject, outcome), **_numbers(decision, rng)}

    def say(phrasings: Sequence[str]) -> str:
        return sentence(choose(rng, phrasings, split).format(**slots))

    background = [say(family["background"]) for _ in range(rng.choice((1, 1, 2)))]
    results = [say(family["results"][decision])]
    if rng.random() < 0.4:
        results.append(say(family["results"][decision]))
    extra = [say(world["common"]["extra"]) for _ in range(rng.choice((0, 1, 1, 2)))]
    results = _unique(results + extra)
    rng.shuffle(results)
    answer = say(family["conclusion"][decision])
    if rng.random() < 0.4:
        answer += " " + say(world["common"]["implication"])
    contexts = [
        " ".join(_unique([*background, say(family["aim"])])),
        say(family["methods"]),
        " ".join(results),
    ]
    return {
        "pubid": number,
        "question": say(family["question"]),
        "context": {"contexts": contexts, "labels": ["OBJECTIVE", "METHODS", "RESULTS"]},
        "long_answer": answer,
        "final_decision": decision,
    }


def sentence(text: str) -> str:
    """With a capital at the start."""
    return text[:1].upper() + text[1:]


def _unique(texts: list[str]) -> list[str]:
    return list(dict.fromkeys(texts))


def _pair(family: dict[str, Any], split: str, rng: Random) -> tuple[str, str]:
    while True:
        subject, outcome = rng.choice(family["subjects"]), rng.choice(family["outcomes"])
        held_out = hashlib.sha256(f"{subject}|{outcome}".encode()).digest()[0] % 8 == 0
        if held_out == (split == "test"):
            return subject, outcome


def _words(subject: str, outcome: str) -> dict[str, str]:
    return {"s": subject, "S": sentence(subject), "o": outcome, "O": sentence(outcome)}


def _who(world: dict[str, Any], rng: Random) -> dict[str, Any]:
    who = rng.choice(world["who"])
    return {
        "w": who,
        "W": sentence(who),
        "d": rng.choice(world["design"]),
        "place": rng.choice(world["place"]),
        "u": rng.choice(world["subgroup"]),
        "m": rng.choice((2, 3, 6, 9, 12, 18, 24)),
        "age": rng.randint(31, 78),
        "left": rng.choice(("Two", "Four", "Seven", "Twelve")),
    }


_P_RANGE = {"yes": (0.0005, 0.03), "no": (0.2, 0.99), "maybe": (0.052, 0.12)}


def _numbers(decision: str, rng: Random) -> dict[str, Any]:
    """Group sizes, rates, p value (two-proportion z test) and risk ratio (log method, Katz 1978)
    that agree with the decision.
    """
    low, high = _P_RANGE[decision]
    while True:
        n1, n2 = rng.randint(40, 400), rng.randint(40, 400)
        a, b = rng.randint(5, 60), rng.randint(5, 75)
        p = _p_value(a / 100, b / 100, n1, n2)
        if low <= p <= high and (b >= a or decision == "no"):
            break
    ratio = a / b
    spread = 1.96 * sqrt((1 - a / 100) / (n1 * a / 100) + (1 - b / 100) / (n2 * b / 100))
    lo, hi = exp(log(ratio) - spread), exp(log(ratio) + spread)
    return {
        "n": n1 + n2,
        "N": n1 + n2,
        "n1": n1,
        "n2": n2,
        "a": a,
        "b": b,
        "pv": f"{p:.3f}" if p < 0.1 else f"{p:.2f}",
        "pn": f"{rng.uniform(0.2, 0.9):.2f}",
        "rr": f"{ratio:.2f}",
        "lo": f"{lo:.2f}",
        "hi": f"{hi:.2f}",
        "ri": f"{1 / ratio:.2f}",
        "li": f"{1 / hi:.2f}",
        "hi_i": f"{1 / lo:.2f}",
        "hs": rng.randint(84, 97),
        "hp": rng.randint(85, 98),
        "ls": rng.randint(24, 48),
        "lp": rng.randint(50, 58),
        "ms": rng.randint(62, 76),
    }


def _p_value(a: float, b: float, n1: int, n2: int) -> float:
    pooled = (a * n1 + b * n2) / (n1 + n2)
    z = (a - b) / sqrt(pooled * (1 - pooled) * (1 / n1 + 1 / n2))
    return 2 * (1 - NormalDist().cdf(abs(z)))
