"""PubMedQA's accuracy and macro-F1, with the accuracy's interval and each label's own numbers.

An `evaluate` module: it stands alone, in its folder or in its Space on the Hub. `evaluate` reads
the imports line by line: never two modules in one `import`.
"""

from __future__ import annotations

from collections import Counter
from typing import Any

import datasets
import evaluate
from scipy.stats import binomtest
from sklearn.metrics import f1_score, precision_recall_fscore_support

LABELS = ("yes", "no", "maybe")
NONE = "none"  # what a free answer counts as that decides nothing: wrong, whatever was asked

_DESCRIPTION = """\
Answers to PubMedQA's questions (yes, no or maybe) against the gold decisions: accuracy with its
95 % Wilson interval, macro-F1 as PubMedQA's own evaluation.py computes it, precision, recall and F1
of each label, and the confusion matrix.
"""

_INPUTS = """
Args:
    predictions (list of str): the answers, each "yes", "no" or "maybe", or "none" for a free answer
        that decides nothing, which is wrong.
    references (list of str): the gold decisions, in the same order.
Returns:
    accuracy (float): the share of right answers.
    accuracy_ci95 (list of two floats): its 95 % Wilson score interval.
    macro_f1 (float): the mean F1 of the labels that occur in predictions or references.
    per_class (dict): label -> {"precision", "recall", "f1", "support"}, for all three labels.
    confusion (dict): gold label -> predicted label -> count; with "none" if it was ever predicted.
    n (int): how many answers were scored.
Raises:
    ValueError: nothing to score, another label, or lists of different lengths.
Examples:
    >>> metric = evaluate.load("benchmarks/metrics/pubmedqa")
    >>> metric.compute(predictions=["yes", "no"], references=["yes", "maybe"])["accuracy"]
    0.5
"""

_CITATION = """\
@inproceedings{jin2019pubmedqa,
  title = {{PubMedQA}: A Dataset for Biomedical Research Question Answering},
  author = {Jin, Qiao and Dhingra, Bhuwan and Liu, Zhengping and Cohen, William and Lu, Xinghua},
  booktitle = {Proceedings of EMNLP-IJCNLP 2019},
  pages = {2567--2577},
  year = {2019},
  note = {arXiv:1909.06146}
}
"""


class Pubmedqa(evaluate.Metric):
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
            homepage="https://pubmedqa.github.io",
            license="MIT",
            codebase_urls=["https://github.com/pubmedqa/pubmedqa"],
            reference_urls=["https://arxiv.org/abs/1909.06146"],
        )

    def _finalize(self) -> None:
        if self.writer is None:  # compute() with nothing, and nothing added before
            raise ValueError("There is nothing to score: give predictions and references.")
        super()._finalize()

    def _compute(self, *, predictions: list[str], references: list[str]) -> dict[str, Any]:
        if not predictions:
            raise ValueError("There is nothing to score: predictions or references are empty.")
        _check(predictions, "predictions", (*LABELS, NONE))
        _check(references, "references", LABELS)
        n = len(references)
        hits = sum(p == r for p, r in zip(predictions, references, strict=True))
        interval = binomtest(hits, n).proportion_ci(0.95, method="wilson")
        return {
            "accuracy": hits / n,
            "accuracy_ci95": [float(interval.low), float(interval.high)],
            "macro_f1": float(f1_score(references, predictions, average="macro")),
            "per_class": _per_class(predictions, references),
            "confusion": _confusion(predictions, references),
            "n": n,
        }


def _check(answers: list[str], name: str, known: tuple[str, ...]) -> None:
    for place, answer in enumerate(answers):
        if answer not in known:
            raise ValueError(f"{name}[{place}] is {answer!r}: give one of {', '.join(known)}.")


def _per_class(predictions: list[str], references: list[str]) -> dict[str, dict[str, float | int]]:
    # What has no denominator (a label that nobody predicted) is 0, as scikit-learn's F1 takes it.
    columns = precision_recall_fscore_support(
        references, predictions, labels=LABELS, zero_division=0
    )
    return {
        label: {"precision": float(p), "recall": float(r), "f1": float(f), "support": int(s)}
        for label, p, r, f, s in zip(LABELS, *columns, strict=True)
    }


def _confusion(predictions: list[str], references: list[str]) -> dict[str, dict[str, int]]:
    pairs = Counter(zip(references, predictions, strict=True))
    columns = (*LABELS, NONE) if NONE in predictions else LABELS
    return {gold: {pred: pairs[gold, pred] for pred in columns} for gold in LABELS}
