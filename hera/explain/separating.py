"""What separates variants: the questions, and the one-word edits of an abstract, on which they are
farthest apart.

How far is the Jensen-Shannon divergence of what they give the labels, in nats (Lin 1991,
doi:10.1109/18.61115), all variants with the same weight: 0 where they agree, at most the logarithm
of how many they are.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from hera.data.pubmedqa import LABELS
from hera.evaluation.scoring import Scored, check_finite
from hera.explain.sentences import asks, shares
from hera.prompts import LABEL_TEXTS
from hera.types import Engine

# Words that carry a finding, each with what takes its place; "" deletes it.
_SWAPS = (
    ("increased", "decreased"),
    ("higher", "lower"),
    ("more", "less"),
    ("greater", "smaller"),
    ("longer", "shorter"),
    ("better", "worse"),
    ("improved", "worsened"),
    ("rose", "fell"),
    ("with", "without"),
    ("before", "after"),
    ("all", "some"),
    ("most", "few"),
    ("positive", "negative"),
    ("strong", "weak"),
    ("large", "small"),
    ("high", "low"),
    ("early", "late"),
    ("common", "rare"),
)
_OTHERWISE = {one: other for pair in _SWAPS for one, other in (pair, pair[::-1])}
_DELETED = (
    "not",
    "no",
    "significantly",
    "significant",
    "clearly",
    "slightly",
    "markedly",
    "only",
    "however",
    "never",
)
EDITS = {**_OTHERWISE, **dict.fromkeys(_DELETED, "")}
"""Word -> what is put in its place, "" for nothing."""

MOST_EDITS = 40
"""How many are tried of one abstract; each is a row more of the batch."""

_WORD = re.compile(rf"\b(?:{'|'.join(EDITS)})\b", re.I)


@dataclass(frozen=True)
class Edit:
    """One word of an abstract, and what stands in its place."""

    sentence: int
    begin: int
    """The word's place in the sentence."""
    word: str
    instead: str
    """ "" where it is deleted."""

    def of(self, sentence: str) -> str:
        """The sentence with it."""
        before, after = sentence[: self.begin], sentence[self.begin + len(self.word) :]
        if not self.instead and before.strip():
            return before.rstrip() + after
        if not self.instead:
            rest = after.lstrip()
            return before + rest[:1].upper() + rest[1:]
        return before + self.instead + after


@dataclass(frozen=True)
class Separating:
    """How far variants are apart on something, and what each answers."""

    divergence: float
    """Nats."""
    answers: tuple[str, ...]


def divergence(logprobs: np.ndarray) -> np.ndarray:
    """The Jensen-Shannon divergence of log-likelihoods [variants, ..., labels], in nats: how far
    the variants' answers are apart, one number for each thing that was asked."""
    from scipy.stats import entropy

    given = shares(logprobs)
    made: np.ndarray = entropy(given.mean(axis=0), axis=-1) - entropy(given, axis=-1).mean(axis=0)
    return made.clip(min=0.0)  # of rounding


def table(scored: Sequence[Scored], variants: Sequence[str]) -> np.ndarray:
    """What was scored as float64 [variants, questions, labels]."""
    return np.array(
        [[[s.logprobs[name][label] for label in LABELS] for s in scored] for name in variants]
    )


def ranked(scored: Sequence[Scored], variants: Sequence[str]) -> list[tuple[Scored, float]]:
    """Questions with how far the variants are apart on them, the farthest first."""
    apart = divergence(table(scored, variants))
    order = sorted(range(len(scored)), key=lambda i: (-apart[i], scored[i].id))
    return [(scored[i], float(apart[i])) for i in order]


def edits(parts: Sequence[str]) -> list[Edit]:
    """Every one-word edit of an abstract's sentences, at most `MOST_EDITS`, from the end: there
    stand the results."""
    found = [
        Edit(place, word.start(), word[0], _like(word[0], EDITS[word[0].lower()]))
        for place, part in enumerate(parts)
        for word in _WORD.finditer(part)
    ]
    return found[-MOST_EDITS:]


def _like(word: str, instead: str) -> str:
    return instead.capitalize() if word[:1].isupper() else instead


def edited(parts: Sequence[str], edit: Edit) -> tuple[str, ...]:
    """The sentences with an edit made."""
    made = list(parts)
    made[edit.sentence] = edit.of(made[edit.sentence])
    return tuple(made)


def tried(
    engine: Engine,
    parts: Sequence[str],
    question: str,
    variants: Sequence[str],
    some: Sequence[Edit],
    prompt: str = "hera",
) -> list[Separating]:
    """The abstract as it stands and with each edit, all in one batch: how far apart the variants
    are on each.

    Raises:
        ConfigError: see `prompt_for`.
        InputError: see `Engine.label_logprobs`.
        ModelError: a log-likelihood is no number.
    """
    texts = ["".join(parts), *("".join(edited(parts, edit)) for edit in some)]
    prompts = [asks(text.strip(), question, prompt) for text in texts]
    scores = engine.label_logprobs(prompts, LABEL_TEXTS, variants)
    check_finite(scores, variants, [f"version {place}" for place in range(len(texts))])
    apart, likeliest = divergence(scores), scores.argmax(axis=-1)
    return [
        Separating(float(apart[i]), tuple(LABELS[k] for k in likeliest[:, i]))
        for i in range(len(texts))
    ]


def by_edits(
    some: Sequence[Edit], found: Sequence[Separating]
) -> Iterator[tuple[Edit, Separating]]:
    """Edits with what `tried` found of them (without the first, the abstract as it stands), those
    that set the variants farthest apart first."""
    order = sorted(range(len(some)), key=lambda i: -found[i + 1].divergence)
    return ((some[i], found[i + 1]) for i in order)
