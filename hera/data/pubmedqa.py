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

from hera.data.fields import identity, listed, nested
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
    ref: str | Ref = EMBEDDED, split: str = "test", unusable: list[str] | None = None
) -> list[Question]:
    """Read PubMedQA questions.

    Args:
        ref: "embedded", a file (JSON, JSON Lines, CSV, Parquet, Arrow), a folder of them, or a
            Hub id.
        split: which embedded file ("train" or "test"), or which of a folder's or a Hub
            repository's splits; a data set that has only a "train" split is read whole. Of PubMedQA
            itself "test" is the labelled set and "train" the artificial one (yes and no only).
        unusable: what is wrong with a row is appended here and the row left out, instead of raised.

    Raises:
        DataError: nothing there, or a row that is no PubMedQA question (with its place).
    """
    ref = Ref.of(ref, "--data")
    configs = _CONFIGS.get(split, _CONFIGS["train"])
    rows = ready_rows(ref, split, embedded=f"pubmedqa_{split}.parquet", configs=configs)
    return unique(typed(rows, _question, ref, unusable), ref)


@cache
def official_test() -> frozenset[str]:
    """The ids (PMIDs) of the official test split: 500 of the labelled thousand."""
    text = (Path(__file__).parent / "pubmedqa_test_pmids.txt").read_text(encoding="utf-8")
    return frozenset(line for line in text.split("\n") if line and not line.startswith("#"))


def _question(row: Any, where: str) -> Question:
    if not isinstance(row, Mapping):
        raise DataError(f"{where}: expected an object with PubMedQA's fields. {_EXAMPLE}")
    question = _first(row, "QUESTION", "question")
    if not isinstance(question, str) or not question.strip():
        raise DataError(f"{where}: no question ({listed(row)}). {_EXAMPLE}")
    context = nested(_first(row, "CONTEXTS", "context", "contexts"), where)
    inner: Mapping[str, Any] = context if isinstance(context, Mapping) else {}
    contexts = _texts(inner.get("contexts") if inner else context, where)
    if not any(text.strip() for text in contexts):
        raise DataError(f"{where}: no contexts ({listed(row)}). {_EXAMPLE}")
    long_answer = _first(row, "LONG_ANSWER", "long_answer")
    own_id = identity(*map(row.get, ("pubid", "pmid", "PMID", "id", "question_id", "document_id")))
    if own_id is None:
        raise DataError(f"{where}: no pubid, pmid or id.")
    return Question(
        id=own_id,
        question=question,
        contexts=contexts,
        long_answer=long_answer if isinstance(long_answer, str) else "",
        decision=_decision(row, where),
        labels=_texts(_first(row, "LABELS") or inner.get("labels"), where),
    )


def _first(row: Mapping[str, Any], *names: str) -> Any:
    """The first of the fields that holds something: tables give rows of several shapes nulls."""
    return next((row[name] for name in names if row.get(name) not in (None, "")), None)


def _texts(value: Any, where: str) -> tuple[str, ...]:
    """The texts in a list or in one text, without what is no text: nulls."""
    value = nested(value, where)
    items = value if isinstance(value, Sequence) and not isinstance(value, str) else [value]
    return tuple(item for item in items if isinstance(item, str))


def _decision(row: Mapping[str, Any], where: str) -> str:
    given = _first(row, "final_decision") or nested(row.get("answer"), where)
    only = given[0] if isinstance(given, Sequence) and len(given) == 1 else given
    decision = only.strip().lower() if isinstance(only, str) else only
    if decision not in LABELS:
        raise DataError(f"{where}: final_decision is {decision!r}, not yes, no or maybe.")
    return str(decision)
