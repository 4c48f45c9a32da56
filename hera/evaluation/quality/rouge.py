"""ROUGE-L (Lin 2004, "ROUGE: A Package for Automatic Evaluation of Summaries"): how long a sequence
of words a text shares with its reference.

rouge-score 0.1.2 comes as source only and brings nltk (14 MB, seconds to import) for what are a few
lines. Its numbers and these are the same.
"""

from __future__ import annotations

import re
from collections.abc import Sequence


def rouge_l(text: str, reference: str) -> float:
    """F1 of the longest common subsequence of their words (runs of a-z and 0-9 in lower case, not
    stemmed), 0 to 1; 0 where either has no words."""
    ours, theirs = _words(text), _words(reference)
    common = _longest_common_subsequence(ours, theirs)
    if not common:
        return 0.0
    precision, recall = common / len(ours), common / len(theirs)
    return 2 * precision * recall / (precision + recall)


def _words(text: str) -> list[str]:
    return re.findall("[a-z0-9]+", text.lower())


def _longest_common_subsequence(a: Sequence[str], b: Sequence[str]) -> int:
    """Its length: a whole row of the table at once, in the bits of an integer (Hyyrö 2004)."""
    places: dict[str, int] = {}
    for i, word in enumerate(a):
        places[word] = places.get(word, 0) | 1 << i
    everywhere = (1 << len(a)) - 1
    row = everywhere
    for word in b:
        hits = row & places.get(word, 0)
        row = (row + hits) | (row - hits)
    return len(a) - (row & everywhere).bit_count()
