"""Invented studies, as PubMedQA rows: the numbers and words agree with the decision.

A study is drawn from one of the styles of `world/styles/`; its subject and outcome come from
`world/terms.toml` or are invented. Held out: one in eight terms of every list (kind "facts"), and
the last fifth of every list of phrasings (kind "phrasings"). Backgrounds lean to either side, and
findings on other outcomes stand among those that decide, whatever the decision.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from random import Random
from typing import Any

from train.embedded import names, notation, numbers
from train.embedded.phrases import phrasings, read_world, say, sentence

SHARES = {"yes": 0.55, "no": 0.34, "maybe": 0.11}
"""How often each decision occurs in PubMedQA's labelled set (Jin et al. 2019, table 2)."""

HELD_OUT = ("facts", "phrasings")
COUNTS = {
    "context": (0, 0, 1, 2),
    "background": (1, 1, 2, 3),
    "methods": (0, 1, 2, 3, 5),
    "baseline": (0, 1, 1, 2, 3),
    "results": (1, 1, 2, 2, 3, 4),
    "others": (0, 1, 2, 2, 3, 4, 5),  # findings on outcomes that nobody asked about
}
"""How many sentences of each part an abstract may have, one count as likely as the next."""

OTHERS_FOUND = {"yes": 0.65, "maybe": 0.5, "no": 0.35}
"""How often another outcome than the one asked about was found to differ."""

INVENTED = 0.4  # the share of subjects, and of outcomes, that carry a name nobody has read


@dataclass(frozen=True)
class Parts:
    """What is the same for every study: the terms and the styles."""

    terms: dict[str, Any]
    styles: dict[str, Any]

    @classmethod
    def read(cls) -> Parts:
        """From the data files."""
        return cls(read_world("terms"), read_world("styles"))


def question_row(
    parts: Parts, kind: str, rng: Random, number: int, bare: bool = False
) -> dict[str, Any]:
    """One row in the schema of the Hub's `qiaojin/PubMedQA`.

    Args:
        parts: the data files' content.
        kind: "train", or which of `HELD_OUT` the question is to be.
        rng: whatever is drawn is drawn from it.
        number: becomes `pubid`.
        bare: show what decides, and nothing else of the study.
    """
    style = parts.styles[rng.choice(list(parts.styles))]
    decision = rng.choices(list(SHARES), list(SHARES.values()))[0]
    new = kind == "phrasings"
    slots = {**_words(parts.terms, style, kind, rng), **_numbers(style, decision, rng)}

    def some(items: Sequence[str], part: str, held_out: bool = False) -> list[str]:
        return _sentences(items, slots, rng, rng.choice(COUNTS[part]), held_out)

    answer = say(rng, style["conclusion"][decision], slots, new)
    if rng.random() < 0.3:
        answer += " " + say(rng, parts.terms["implication"], slots)
    row = {
        "pubid": number,
        "question": say(rng, style["question"], slots, new),
        "long_answer": notation.varied(answer, rng),
        "final_decision": decision,
    }
    results = some(style["results"][decision], "results", new)
    if bare:
        return {**row, "context": notation.laid_out([[], [], results], slots, rng)}
    results += _others(parts.terms, decision, slots, rng)
    rng.shuffle(results)
    background = some(parts.terms["context"], "context") + some(style["background"], "background")
    methods = [say(rng, style["methods"], slots), *some(parts.terms["method_extra"], "methods")]
    results = some(parts.terms["baseline"], "baseline") + results
    sections = [[*background, say(rng, style["aim"], slots)], methods, results]
    return {**row, "context": notation.laid_out(sections, slots, rng)}


def _numbers(style: dict[str, Any], decision: str, rng: Random) -> dict[str, str]:
    """Where a style asks whether two things are equal, "yes" is the finding of no difference."""
    finding = decision
    if style.get("asks_for_equality"):
        finding = {"yes": "no", "no": "yes"}.get(decision, decision)
    return numbers.slots(finding, style["direction"], rng)


def _sentences(
    items: Sequence[str], slots: dict[str, Any], rng: Random, count: int, held_out: bool = False
) -> list[str]:
    """Different phrasings, at most `count` of them."""
    chosen = rng.sample(phrasings(items, held_out), k=min(count, len(phrasings(items, held_out))))
    return [say(rng, [phrasing], slots) for phrasing in chosen]


def _others(terms: dict[str, Any], decision: str, slots: dict[str, Any], rng: Random) -> list[str]:
    """Findings on outcomes that nobody asked about, more often than not of the decision's kind."""
    made = []
    for _ in range(rng.choice(COUNTS["others"])):
        kind = "other_found" if rng.random() < OTHERS_FOUND[decision] else "other_null"
        made.append(say(rng, terms[kind], {**slots, **_unasked(terms, rng)}))
    return made


def _unasked(terms: dict[str, Any], rng: Random) -> dict[str, str]:
    x, x2 = rng.sample(terms["other"], k=2)
    if rng.random() < INVENTED:
        x = names.term(rng.choice(("good", "bad", "markers")), terms, rng)
    low = f"{rng.uniform(0.001, 0.04):.3f}"
    return {"x": x, "X": sentence(x), "x2": x2, "pf": low, "pn": f"{rng.uniform(0.15, 0.95):.2f}"}


def _words(terms: dict[str, Any], style: dict[str, Any], kind: str, rng: Random) -> dict[str, Any]:
    s = _term(terms, style["subjects"], kind, rng)
    o = _term(terms, style["outcomes"], kind, rng)
    who = "cells" if style["subjects"] == "agents" else "populations"
    w = rng.choice(terms[who])
    if who == "populations" and rng.random() < 0.25:
        w = names.term(who, terms, rng)
    y1 = rng.randint(1984, 2011)
    return {
        **_unasked(terms, rng),
        **{"s": s, "S": sentence(s), "o": o, "O": sentence(o), "w": w, "W": sentence(w)},
        "t": _term(terms, style["subjects"], "train", rng),
        "oa": notation.abbreviation(o),
        "m": rng.choice((1, 2, 3, 6, 9, 12, 18, 24)),
        "y": rng.randint(2, 15),
        "y1": y1,
        "y2": y1 + rng.randint(1, 9),
        "age": f"{rng.uniform(4, 81):.{rng.choice((0, 1))}f}",
        "u": rng.choice(terms["subgroups"]),
        "design": rng.choice(terms["designs"]),
        "place": _place(terms, rng),
        "scale": names.scale(terms, rng),
    }


def _place(terms: dict[str, Any], rng: Random) -> str:
    invented = rng.random() < 0.2
    return f"in {names.place(terms, rng)}" if invented else rng.choice(terms["places"])


def _term(terms: dict[str, Any], list_name: str, kind: str, rng: Random) -> str:
    """A subject or an outcome: invented, or from the list's part that the kind may use."""
    if rng.random() < INVENTED:
        return names.term(list_name, terms, rng)
    wanted = kind == "facts"
    term = rng.choice([t for t in terms[list_name] if is_held_out(t) == wanted])
    modifiers = terms["modifiers"].get(list_name)
    if modifiers and rng.random() < 0.25:
        return f"{rng.choice(modifiers)} {term}"
    return str(term)


def is_held_out(term: str) -> bool:
    """Whether a term is kept for the held-out facts: one in eight, by its hash."""
    return hashlib.sha256(term.encode()).digest()[0] % 8 == 0
