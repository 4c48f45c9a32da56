"""Names that nobody has read before: drugs, genes, scales, syndromes, places.

Whoever has to decide on a study of "tovexin in Hadley syndrome" cannot know the answer from the
words; what is left to learn is how results are stated.
"""

from __future__ import annotations

from collections.abc import Mapping
from random import Random
from typing import Any

Terms = Mapping[str, Any]
"""The content of `world/terms.toml`."""


def term(kind: str, terms: Terms, rng: Random) -> str:
    """An invented term, built by one of the patterns of a list."""
    parts = terms["invented"]
    slots = {
        "drug": _drug(parts, rng),
        "gene": f"{rng.choice(parts['letters'])}{rng.choice(('', '-'))}{rng.randint(1, 48)}",
        "surname": _surname(parts, rng),
        "place": place(terms, rng),
    }
    return str(rng.choice(terms["patterns"][kind]).format(**slots))


def place(terms: Terms, rng: Random) -> str:
    """A town: "Marlford"."""
    parts = terms["invented"]
    return f"{rng.choice(parts['place_start'])}{rng.choice(parts['place_end'])}".capitalize()


def scale(terms: Terms, rng: Random) -> str:
    """A scale with its article: "the Hadley score"."""
    kind = rng.choice(("score", "scale", "index", "questionnaire", "inventory"))
    return f"the {_surname(terms['invented'], rng)} {kind}"


def _drug(parts: Mapping[str, Any], rng: Random) -> str:
    middle = rng.choice(parts["drug_start"])[:2] if rng.random() < 0.4 else ""
    return f"{rng.choice(parts['drug_start'])}{middle}{rng.choice(parts['drug_end'])}".lower()


def _surname(parts: Mapping[str, Any], rng: Random) -> str:
    """One in four is two."""
    name = rng.choice(parts["surnames"])
    return f"{name}-{rng.choice(parts['surnames'])}" if rng.random() < 0.25 else str(name)
