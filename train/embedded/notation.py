"""How abstracts are laid out and how they write their statistics: many journals, many habits."""

from __future__ import annotations

import re
from collections.abc import Callable
from random import Random
from typing import Any

_P = re.compile(r"\bp = (\d*\.?\d+)")
_CI = re.compile(r"\b95% CI[,:]? (\d+\.\d+) to (\d+\.\d+)")
_VERSUS = re.compile(r"\bversus\b")
_HEADS = (
    ("BACKGROUND", "METHODS", "RESULTS"),
    ("OBJECTIVE", "METHODS", "RESULTS"),
    ("PURPOSE", "MATERIALS AND METHODS", "RESULTS"),
    ("AIMS", "PATIENTS AND METHODS", "RESULTS"),
)


def laid_out(sections: list[list[str]], slots: dict[str, Any], rng: Random) -> dict[str, list[str]]:
    """Background, methods and results as PubMedQA's contexts: whole, divided or without some part.

    The outcome's abbreviation is introduced where the outcome is named first.
    """
    heads = list(rng.choice(_HEADS))
    kept = [pair for pair in zip(heads, sections, strict=True) if pair[1]]
    if len(kept) == len(heads) and rng.random() < 0.12:
        del kept[rng.choice((0, 1))]
    if len(sections[2]) > 3 and rng.random() < 0.25:
        half = len(sections[2]) // 2
        kept[-1:] = [(heads[2], sections[2][:half]), (heads[2], sections[2][half:])]
    texts = [" ".join(dict.fromkeys(sentences)) for _, sentences in kept]
    texts = _introduced(texts, slots["o"], slots["oa"])
    habits = _habits(rng)
    return {"contexts": [habits(text) for text in texts], "labels": [head for head, _ in kept]}


def varied(text: str, rng: Random) -> str:
    """One text in one journal's habits."""
    return _habits(rng)(text)


def abbreviation(term: str) -> str:
    """The initials of a term of two to four words, or the term itself."""
    words = term.removeprefix("the ").split()
    return "".join(word[0] for word in words).upper() if 2 <= len(words) <= 4 else term


def _introduced(texts: list[str], term: str, short: str) -> list[str]:
    if short == term or not any(short in text for text in texts):
        return texts
    for i, text in enumerate(texts):
        at = text.lower().find(term.lower())
        if at >= 0:
            end = at + len(term)
            return [*texts[:i], f"{text[:end]} ({short}){text[end:]}", *texts[i + 1 :]]
    return [text.replace(short, term) for text in texts]


def _habits(rng: Random) -> Callable[[str], str]:
    """One journal's way to write p values, intervals and comparisons, the same in a whole text."""
    name, space = rng.choice("ppPPP"), rng.choice(("", " ", " "))
    bounds = rng.random() < 0.3
    point = rng.random() < 0.15
    interval = rng.choice(
        (
            "95% CI {} to {}",
            "95% CI: {}-{}",
            "95% CI {}-{}",
            "95% confidence interval {} to {}",
            "95% CI = {}, {}",
            "95% confidence interval [CI], {}-{}",
        )
    )
    versus = rng.choice(("versus", "vs", "vs.", "compared with", "versus", "against"))
    percent = "%" if rng.random() < 0.93 else " percent"

    def p_value(match: re.Match[str]) -> str:
        value, text, sign = float(match[1]), match[1], "="
        if value <= 0.001:
            text, sign = "0.001", "<"
        elif bounds and value < 0.05:
            text, sign = ("0.01" if value < 0.01 else "0.05"), "<"
        elif bounds and value > 0.2:
            text, sign = "0.05", ">"
        return f"{name}{space}{sign}{space}{text.removeprefix('0') if point else text}"

    def apply(text: str) -> str:
        text = _P.sub(p_value, text)
        text = _CI.sub(lambda match: interval.format(match[1], match[2]), text)
        return _VERSUS.sub(versus, text).replace("%", percent)

    return apply
