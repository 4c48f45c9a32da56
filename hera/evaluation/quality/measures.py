"""What is measured of an answer, and how each measure is defined."""

from __future__ import annotations

import numpy as np

DEFINITIONS = {
    "rouge_l": "F1 of the longest common subsequence of the answer's and the reference's words "
    "(runs of a-z and 0-9 in lower case, no stemming), 0 to 1 (ROUGE-L, Lin 2004)",
    "similarity": "F1 of greedy cosine matching between the answer's and the reference's token "
    "vectors, as BERTScore (Zhang et al. 2020, arXiv:1904.09675), but in the served base's own "
    "last-but-one hidden states: comparable within one base, not with the BERTScore of others",
    "tokens": "length of the answer in tokens of the base's tokenizer, without the turn end",
    "words": "length of the answer in words: runs of letters and digits, apostrophes within",
    "grade": "years of US school needed to read it: 0.39 words per sentence + 11.8 syllables per "
    "word - 15.59 (Flesch-Kincaid grade, Kincaid et al. 1975), syllables counted by rule; "
    "an answer without words has none and is left out",
    "repeated_4grams": "1 - distinct / all sequences of four words, 0 under four words "
    "(seq-rep-4, Welleck et al. 2020, arXiv:1908.04319)",
    "repeated_sentence": "share of answers in which a sentence occurs more than once, "
    "capitals and punctuation aside",
    "turn_end": "share of answers in which the model ended its turn itself, before "
    "--max-new-tokens",
}
"""Measure -> what it is, in one line with its source; the order of every table."""

RATES = ("repeated_sentence", "turn_end")
"""The measures that are yes or no for one answer."""


def similarity(text: np.ndarray, reference: np.ndarray) -> float:
    """BERTScore's F1 (no idf weights, no rescaling) of two texts' token vectors.

    Args:
        text: float [tokens, width].
        reference: float [tokens, width].
    """
    cosines = _unit(text) @ _unit(reference).T
    precision, recall = float(cosines.max(axis=1).mean()), float(cosines.max(axis=0).mean())
    total = precision + recall
    return 2 * precision * recall / total if total > 0 else 0.0


def _unit(vectors: np.ndarray) -> np.ndarray:
    exact = vectors.astype(np.float64)
    return np.asarray(exact / np.linalg.norm(exact, axis=1, keepdims=True))
