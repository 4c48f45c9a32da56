"""Which sentences of an abstract moved an answer: every sentence left out once.

What a sentence is worth is by how much the log-odds of the answer fall when it alone is left out
(leave-one-out, an occlusion: Zeiler and Fergus 2014, arXiv:1311.2901; Li et al. 2016,
arXiv:1612.08220). The worths need not add up: of two sentences that say the same
each is worth little.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from hera.data import Question
from hera.data.pubmedqa import LABELS
from hera.evaluation.scoring import check_finite, prompt_for
from hera.prompts import LABEL_TEXTS
from hera.types import Engine, Prompt

MOST_SENTENCES = 60
"""How many an abstract may have: each is a row more of the batch."""
MOST_LETTERS = 12_000
"""Of an abstract; the model's window is mostly shorter."""
MOST_ASKED = 600
"""Letters of a question."""

# A dot after one of these ends no sentence.
_SHORT = re.compile(
    r"(?:\b(?:e\.g|i\.e|cf|vs|viz|al|approx|ca|Fig|Figs|Tab|Ref|Refs|No|Nos|Eq|Dr|Prof|Mr|Mrs|Ms|"
    r"St|resp|incl|excl|ref|fig|eq)|\b[A-Z](?:\.[A-Z])*)\.$"
)
# A letter after one of these is a name of its own, and may end a sentence: "vitamin C."
_LETTERED = re.compile(
    r"\b(?:vitamin|hepatitis|group|type|factor|grade|stage|class|arm|cohort|phase)s? [A-Z]\.$", re.I
)
_ENDS = re.compile("[.!?]+[\"'\u201d\u2019)\\]]*(?=\\s)|\\n[^\\S\\n]*\\n")
_BEGINS = re.compile("[\"'\u201c\u2018(\\[]*[A-Z0-9À-ÖØ-Þ<>≥≤±]")
_WORD = re.compile(r"[^\W\d_]{2,}")


def sentences(text: str) -> tuple[str, ...]:
    """A text cut into sentences, each with the spaces behind it: joined they are the text.

    A dot ends none in "e.g.", "vs.", "et al.", "J. Smith" or a number, nor before a small letter;
    an empty line always ends one. A number by itself, as of a list, goes with what follows.
    """
    cuts, begun = [0], 0
    for found in _ENDS.finditer(text):
        end = found.end() + len(_space(text, found.end()))
        if _is_end(text, found, end) and _WORD.search(text[begun:end]):
            cuts.append(end)
            begun = end
    if text[begun:].strip() or len(cuts) == 1:
        cuts.append(len(text))
    else:
        cuts[-1] = len(text)
    parts = tuple(text[a:b] for a, b in itertools.pairwise(cuts))
    return parts if text.strip() else ()


def _space(text: str, begin: int) -> str:
    return text[begin:][: len(text[begin:]) - len(text[begin:].lstrip())]


def _is_end(text: str, found: re.Match[str], end: int) -> bool:
    """Whether a sentence ends where its mark was found, and another begins behind it."""
    if found[0][0] == "\n":
        return True
    if not _BEGINS.match(text, end):
        return False
    before = text[max(0, found.start() - 40) : found.start() + 1]
    return not _SHORT.search(before) or bool(_LETTERED.search(before))


def without(parts: Sequence[str], place: int) -> str:
    """The text of some sentences but for one."""
    return "".join([*parts[:place], *parts[place + 1 :]]).strip()


def asks(abstract: str, question: str, prompt: str = "hera") -> Prompt:
    """The prompt that puts a question to an abstract of somebody's own.

    Raises:
        ConfigError: see `prompt_for`.
    """
    return prompt_for(Question("own", question, (abstract,), "", LABELS[0]), prompt)


@dataclass(frozen=True)
class Influence:
    """Every variant's answer to an abstract, and what each sentence is worth to it."""

    variants: tuple[str, ...]
    sentences: tuple[str, ...]
    """Joined they are the abstract."""
    logprobs: np.ndarray
    """float32 [variants, labels], natural log, of the whole abstract."""
    left_out: np.ndarray
    """float32 [variants, sentences, labels], without each sentence; of no sentences while that is
    not known."""

    @property
    def abstract(self) -> str:
        """All of it."""
        return "".join(self.sentences).strip()

    @property
    def answers(self) -> tuple[str, ...]:
        """Each variant's likeliest label."""
        return tuple(LABELS[int(row.argmax())] for row in self.logprobs)

    @property
    def probabilities(self) -> np.ndarray:
        """float64 [variants, labels], relative to each other."""
        return shares(self.logprobs)

    @property
    def worths(self) -> np.ndarray:
        """float64 [variants, sentences]: by how many nats the log-odds of the variant's own answer
        fall without the sentence. Above 0 it speaks for the answer, below 0 against it."""
        own = self.logprobs.argmax(axis=1)
        rows = [
            log_odds(self.logprobs[i], own[i]) - log_odds(self.left_out[i], own[i])
            for i in range(len(self.variants))
        ]
        return np.array(rows, dtype=np.float64)

    @property
    def turning(self) -> tuple[tuple[int, ...], ...]:
        """Of each variant the sentences without which it answers otherwise."""
        own = self.logprobs.argmax(axis=1)[:, None]
        return tuple(
            tuple(int(place) for place in np.flatnonzero(row))
            for row in self.left_out.argmax(axis=2) != own
        )


def shares(logprobs: np.ndarray) -> np.ndarray:
    """Log-likelihoods [..., labels] as probabilities relative to each other, float64."""
    from scipy.special import softmax

    made: np.ndarray = softmax(logprobs.astype(np.float64), axis=-1)
    return made


def log_odds(logprobs: np.ndarray, label: int) -> np.ndarray:
    """Of one label against all others together, from log-likelihoods [..., labels], in nats."""
    from scipy.special import logsumexp

    exact = logprobs.astype(np.float64)
    made: np.ndarray = exact[..., label] - logsumexp(np.delete(exact, label, axis=-1), axis=-1)
    return made


def answered(
    engine: Engine, parts: Sequence[str], question: str, variants: Sequence[str]
) -> Influence:
    """Every variant's answer to the whole abstract alone: at once there.

    Args:
        engine: what is asked.
        parts: the abstract's sentences.
        question: what is asked about it.
        variants: who is asked.

    Raises:
        InputError: see `Engine.label_logprobs`.
        ModelError: a log-likelihood is no number.
    """
    scores = _scores(engine, ["".join(parts).strip()], question, variants)
    nothing = np.empty((len(variants), 0, len(LABELS)), dtype=np.float32)
    return Influence(tuple(variants), tuple(parts), scores[:, 0], nothing)


def influence(
    engine: Engine, parts: Sequence[str], question: str, variants: Sequence[str]
) -> Influence:
    """The same, and what each sentence is worth: all versions in one batch.

    Raises:
        InputError, ModelError: as `answered`.
    """
    texts = ["".join(parts).strip(), *(without(parts, place) for place in range(len(parts)))]
    scores = _scores(engine, texts, question, variants)
    return Influence(tuple(variants), tuple(parts), scores[:, 0], scores[:, 1:])


def _scores(
    engine: Engine, texts: Sequence[str], question: str, variants: Sequence[str]
) -> np.ndarray:
    scores = engine.label_logprobs([asks(text, question) for text in texts], LABEL_TEXTS, variants)
    check_finite(scores, variants, [f"version {place}" for place in range(len(texts))])
    return scores
