"""What is measured of an English answer, and how each measure is defined.

textstat 0.7.13, the usual package for readability, is not used: it fetches its syllables (CMUdict)
from the network when it runs, and brings nltk. The rule here agrees with CMUdict
on 97 % of the running words of 300 PubMedQA abstracts, and on 99 % in the dialogues it was made on.
"""

from __future__ import annotations

import re

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

_WORD = re.compile(r"[^\W_]+(?:['\u2019][^\W_]+)*")
_SENTENCE_END = re.compile(r"[.!?]+(?=\s|$)|\n")

# Vowels that stand side by side and are spoken apart: di-et, nause-a, flu-id, spas-m.
_APART = re.compile(
    r"(?<![ctsgx])i[aou]|iu|(?<![ct])ie(?=nc|nt|t)|(?<=[aeiouy])ing|eas?$|eo(?!p)|uid|(?<![gq])ua"
    r"|uou|sms?$|thm|[sd]n['\u2019]t$"
)
# An e that is written and not spoken: car(e), ach(e)d, pil(e)s, car(e)ful.
_SILENT = re.compile(
    r"(?<=[^aeiouy])(?<![^aeiouy]l)e$|(?<=[^aeiouytd])ed$|(?<=ach)es$"
    r"|(?<=[^aeiouycsxzgh])(?<![^aeiouy]l)es$"
    r"|(?<=[^aeiouy])e(?=ly$|ments?$|ful|body$|times$|thing$)"
)


def words(text: str) -> list[str]:
    """The words in lower case; "don't" is one, "x-ray" two, a number is a word."""
    return _WORD.findall(text.lower())


def sentences(text: str) -> list[list[str]]:
    """The words of each sentence that has any; one ends at . ! or ? before white space or the end,
    and with a line."""
    return [found for part in _SENTENCE_END.split(text) if (found := words(part))]


def syllables(word: str) -> int:
    """About how many syllables an English word in lower case has, at least 1."""
    groups = len(re.findall("[aeiouy]+", word))
    return max(1, groups + len(_APART.findall(word)) - len(_SILENT.findall(word)))


def grade(text: str) -> float | None:
    """The Flesch-Kincaid grade; None for a text without words."""
    spoken = words(text)
    if not spoken:
        return None
    per_word = sum(map(syllables, spoken)) / len(spoken)
    return 0.39 * len(spoken) / len(sentences(text)) + 11.8 * per_word - 15.59


def repeated_ngrams(text: str, n: int = 4) -> float:
    """1 - distinct / all sequences of n words; 0 where there is none."""
    spoken = words(text)
    grams = [tuple(spoken[i : i + n]) for i in range(len(spoken) - n + 1)]
    return 1 - len(set(grams)) / len(grams) if grams else 0.0


def repeats_sentence(text: str) -> bool:
    """Whether a sentence occurs more than once."""
    said = [tuple(sentence) for sentence in sentences(text)]
    return len(set(said)) < len(said)


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
