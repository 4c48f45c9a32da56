"""PubMedQA questions (Jin et al. 2019, arXiv:1909.06146) in the shapes people have.

The Hub's schema has `pubid`, `question`, `context.contexts`, `long_answer`, `final_decision`; the
original repository's `ori_pqal.json` is an object of pmid -> `QUESTION`, `CONTEXTS`, ...; BigBio's
has `context` as one text and the decision in `answer`, a list. The abstract may also be a list, or
either kept as JSON in a text.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from hera.data.fields import first, identity, is_list, listed, nested, shown, texts
from hera.data.reading import ready_rows, typed, unique
from hera.errors import DataError
from hera.refs import EMBEDDED, Ref

LABELS = ("yes", "no", "maybe")
"""PubMedQA's decisions, in the order of every table and array."""

_CONFIGS = {"test": ("pqa_labeled", "pqal"), "train": ("pqa_artificial", "pqaa")}
_EXAMPLE = (
    'Wanted: {"pubid": 1, "question": "...", "context": {"contexts": ["..."]}, '
    '"long_answer": "...", "final_decision": "yes"}.'
)


@dataclass(frozen=True)
class Question:
    """One PubMedQA row. `contexts` hold the abstract without its conclusion (`long_answer`)."""

    id: str
    question: str
    contexts: tuple[str, ...]
    long_answer: str
    decision: str
    labels: tuple[str, ...] = ()


def load_pubmedqa(
    ref: str | Ref = EMBEDDED,
    split: str = "test",
    unusable: list[str] | None = None,
    most: int | None = None,
) -> list[Question]:
    """Read PubMedQA questions.

    Args:
        ref: "embedded", a file (JSON, JSON Lines, CSV, Parquet, Arrow), a folder of them, or a
            Hub id.
        split: which embedded file ("train" or "test"), or which of a folder's or a Hub
            repository's splits; a data set that has only a "train" split is read whole. Of PubMedQA
            itself "test" is the labelled set and "train" the artificial one (yes and no only).
        unusable: what is wrong with a row is appended here and the row left out, instead of raised.
        most: how many rows there may be; None for any number.

    Raises:
        DataError: nothing there, more rows, or a row that is no PubMedQA question (with its place).
    """
    ref = Ref.of(ref, "--data")
    configs = _CONFIGS.get(split, _CONFIGS["train"])
    rows = ready_rows(ref, split, embedded=f"pubmedqa_{split}.parquet", configs=configs, most=most)
    return unique(typed(rows, _question, ref, unusable), ref)


@cache
def official_test() -> frozenset[str]:
    """The ids (PMIDs) of the official test split: 500 of the labelled thousand."""
    text = (Path(__file__).parent / "pubmedqa_test_pmids.txt").read_text(encoding="utf-8")
    return frozenset(line for line in text.split("\n") if line and not line.startswith("#"))


def official_part(questions: Sequence[Question]) -> list[Question]:
    """Those of the official test split, in their order; fewer than `official_test()` holds where
    some of it is missing."""
    return [question for question in questions if question.id in official_test()]


def _question(row: Any, where: str) -> Question:
    if not isinstance(row, Mapping):
        raise DataError(f"{where}: expected an object with PubMedQA's fields. {_EXAMPLE}")
    question = first(row, "QUESTION", "question")
    if not isinstance(question, str) or not question.strip():
        raise DataError(f"{where}: no question ({listed(row)}). {_EXAMPLE}")
    context = nested(first(row, "CONTEXTS", "context", "contexts"), where)
    inner: Mapping[str, Any] = context if isinstance(context, Mapping) else {}
    contexts = texts(inner.get("contexts") if inner else context, "the contexts", where)
    if not any(text.strip() for text in contexts):
        raise DataError(f"{where}: no contexts ({listed(row)}). {_EXAMPLE}")
    long_answer = first(row, "LONG_ANSWER", "long_answer")
    if not isinstance(long_answer, str | None):
        raise DataError(f"{where}: long_answer is {shown(long_answer)}, which is no text.")
    own_id = identity(*map(row.get, ("pubid", "pmid", "PMID", "id", "question_id", "document_id")))
    if own_id is None:
        raise DataError(f"{where}: no pubid, pmid or id ({listed(row)}).")
    return Question(
        id=own_id,
        question=question,
        contexts=contexts,
        long_answer=long_answer or "",
        decision=_decision(row, where),
        labels=texts(first(row, "LABELS") or inner.get("labels"), "the labels", where),
    )


def _decision(row: Mapping[str, Any], where: str) -> str:
    given = first(row, "final_decision")
    if given is None:
        given = nested(row.get("answer"), where)
    only = given[0] if is_list(given) and len(given) == 1 else given
    decision = only.strip().lower() if isinstance(only, str) else only
    if decision not in LABELS:
        raise DataError(f"{where}: final_decision is {shown(decision)}, not yes, no or maybe.")
    return str(decision)
