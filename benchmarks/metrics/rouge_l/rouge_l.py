"""ROUGE-L (Lin 2004): how long a sequence of words a text shares with its reference.

An `evaluate` module of its own: `evaluate.load("rouge")` fetches its code from the Hub, and the
package behind it, rouge-score 0.1.2, comes as source only and brings nltk (14 MB, seconds to
import) for what are a few lines. Its numbers and these are the same.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

import datasets
import evaluate

_DESCRIPTION = """\
ROUGE-L F1 of each text against its reference, from 0 to 1: the harmonic mean of the longest common
subsequence's share in the words of either. Words are runs of a-z and 0-9 in lower case, not
stemmed, as rouge-score takes them.
"""

_INPUTS = """
Args:
    predictions (list of str): the texts.
    references (list of str): what each is compared with, in the same order.
Returns:
    rouge_l (list of float): the F1 of each; 0 where a text has no words.
Examples:
    >>> metric = evaluate.load("benchmarks/metrics/rouge_l")
    >>> metric.compute(predictions=["rest and drink"], references=["rest and sleep well"])
    {'rouge_l': [0.5714285714285714]}
"""

_CITATION = """\
@inproceedings{lin2004rouge,
  title = {{ROUGE}: A Package for Automatic Evaluation of Summaries},
  author = {Lin, Chin-Yew},
  booktitle = {Text Summarization Branches Out},
  pages = {74--81},
  year = {2004}
}
"""


class RougeL(evaluate.Metric):
    """The metric; `evaluate` calls it by the class's name in lower case."""

    def _info(self) -> evaluate.MetricInfo:
        return evaluate.MetricInfo(
            description=_DESCRIPTION,
            citation=_CITATION,
            inputs_description=_INPUTS,
            features=datasets.Features(
                {
                    "predictions": datasets.Value("string"),
                    "references": datasets.Value("string"),
                }
            ),
            reference_urls=["https://aclanthology.org/W04-1013/"],
        )

    def _compute(self, *, predictions: list[str], references: list[str]) -> dict[str, list[float]]:
        pairs = zip(predictions, references, strict=True)
        return {"rouge_l": [_f1(_words(text), _words(reference)) for text, reference in pairs]}


def _words(text: str) -> list[str]:
    return re.findall("[a-z0-9]+", text.lower())


def _f1(text: Sequence[str], reference: Sequence[str]) -> float:
    common = _longest_common_subsequence(text, reference)
    if not common:
        return 0.0
    precision, recall = common / len(text), common / len(reference)
    return 2 * precision * recall / (precision + recall)


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
