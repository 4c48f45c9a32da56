"""ROUGE-L (Lin 2004): how long a sequence of words a text shares with its reference.

An `evaluate` module of its own: `evaluate.load("rouge")` fetches its code from the Hub.
"""

from __future__ import annotations

import datasets
import evaluate

from hera.evaluation.quality.rouge import rouge_l

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
        return {"rouge_l": [rouge_l(text, reference) for text, reference in pairs]}
