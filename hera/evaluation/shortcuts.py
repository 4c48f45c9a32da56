"""Ways to guess a decision without reading the study: on a fair set they must fail, and what reads
must leave them behind.

Bag-of-words classifiers (TF-IDF of words and pairs, logistic regression; scikit-learn) see a part
of a question as words without order. The keyword rule counts denials against findings and needs no
training.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from functools import cache

from hera.data import Question, load_pubmedqa

Guess = Callable[[Sequence[Question]], list[str]]
"""Decisions of some questions."""

_DENIED = re.compile(
    r"\b(no|not|neither|nor|without|similar|comparable|unchanged|unaffected|failed|ns)\b|p\s?>"
)
_FOUND = re.compile(
    r"\b(significant(ly)?|higher|lower|increased?|reduced?|improved?|associated|correlated|"
    r"predict(s|ed|or)?|better|greater|fewer|effective)\b|p\s?<"
)
_LEARNED = 2_000
_SENTENCE = re.compile(r"(?<=[.!?])\s+(?=[A-Z])")


def sentences(text: str) -> list[str]:
    """A text's sentences; one ends before a space and a capital."""
    return _SENTENCE.split(text)


def question_alone(question: Question) -> str:
    """The question, nothing of the study."""
    return question.question


def last_sentence(question: Question) -> str:
    """The abstract's last sentence."""
    return sentences(" ".join(question.contexts))[-1]


def whole_abstract(question: Question) -> str:
    """All contexts, as words without order."""
    return " ".join(question.contexts)


def keyword_rule(question: Question) -> str:
    """ "no" where the last context denies at least as often as it finds, else "yes"."""
    text = question.contexts[-1].lower()
    return "no" if len(_DENIED.findall(text)) >= len(_FOUND.findall(text)) else "yes"


def classifier(train: Sequence[Question], view: Callable[[Question], str]) -> Guess:
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


@cache
def non_readers() -> dict[str, Guess]:
    """Whom nobody would say to read, by name: the keyword rule, and words without order of the
    whole abstract, learned from the first 2,000 embedded training questions (all 8,000 take four
    times as long and are right 2 points more often). Made once."""
    words = classifier(load_pubmedqa(split="train")[:_LEARNED], whole_abstract)
    return {"keyword rule": lambda rows: [keyword_rule(q) for q in rows], "bag of words": words}
