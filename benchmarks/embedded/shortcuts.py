"""Ways to guess a decision without reading the study: on a fair set they must fail.

Two bag-of-words classifiers (TF-IDF of words and pairs, logistic regression; scikit-learn) are
trained on the embedded training questions, one on the question alone and one on the abstract's last
sentence alone; a third, on whole abstracts, shows how far words without order come. The keyword
rule counts denials against findings and needs no training.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Any

from hera.data import Question, load_pubmedqa
from hera.evaluation import stats
from hera.refs import Ref

_DENIED = re.compile(
    r"\b(no|not|neither|nor|without|similar|comparable|unchanged|unaffected|failed|ns)\b|p\s?>"
)
_FOUND = re.compile(
    r"\b(significant(ly)?|higher|lower|increased?|reduced?|improved?|associated|correlated|"
    r"predict(s|ed|or)?|better|greater|fewer|effective)\b|p\s?<"
)
_SENTENCE = re.compile(r"(?<=[.!?])\s+(?=[A-Z])")


def question_alone(question: Question) -> str:
    """The question, nothing of the study."""
    return question.question


def last_sentence(question: Question) -> str:
    """The abstract's last sentence."""
    return _SENTENCE.split(" ".join(question.contexts))[-1]


def whole_abstract(question: Question) -> str:
    """All contexts, as words without order."""
    return " ".join(question.contexts)


def keyword_rule(question: Question) -> str:
    """ "no" where the last context denies at least as often as it finds, else "yes"."""
    text = question.contexts[-1].lower()
    return "no" if len(_DENIED.findall(text)) >= len(_FOUND.findall(text)) else "yes"


def shortcut_scores(real: Ref | None = None) -> tuple[dict[str, Any], str]:
    """Every shortcut on the held-out questions and, if given, on real ones: (result, text)."""
    train = load_pubmedqa(split="train")
    tests = {"held-out": load_pubmedqa()}
    if real:
        tests["real"] = load_pubmedqa(real)
    measured: dict[str, Any] = {}
    for view in (question_alone, last_sentence, whole_abstract):
        guess = classifier(train, view)
        name = f"{view.__name__.replace('_', ' ')}, bag of words"
        measured[name] = {test: _measured(rows, guess(rows)) for test, rows in tests.items()}
    measured["keyword rule"] = {
        test: _measured(rows, [keyword_rule(q) for q in rows]) for test, rows in tests.items()
    }
    lines = ["shortcuts"]
    for name, of in measured.items():
        for test, its in of.items():
            low, high = its["accuracy_ci95"]
            lines.append(
                f"  {name:32} {test:9} accuracy {its['accuracy']:.3f} ({low:.3f} to {high:.3f})  "
                f"macro-F1 {its['macro_f1']:.3f}, n = {its['n']}"
            )
    return measured, "\n".join(lines)


def classifier(
    train: Sequence[Question], view: Callable[[Question], str]
) -> Callable[[Sequence[Question]], list[str]]:
    """A bag-of-words classifier of decisions that sees only `view` of a question."""
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline

    model = make_pipeline(
        TfidfVectorizer(ngram_range=(1, 2), min_df=2, sublinear_tf=True),
        LogisticRegression(C=4.0, max_iter=1000),
    )
    model.fit([view(q) for q in train], [q.decision for q in train])
    return lambda rows: [str(label) for label in model.predict([view(q) for q in rows])]


def _measured(rows: Sequence[Question], predicted: Sequence[str]) -> dict[str, Any]:
    numbers = stats.measure([q.decision for q in rows], predicted)
    keys = ("accuracy", "accuracy_ci95", "macro_f1")
    return {"n": len(rows), **{key: numbers[key] for key in keys}}
