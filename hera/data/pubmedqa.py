"""PubMedQA questions (Jin et al. 2019, arXiv:1909.06146) in either of the shapes people have.

The Hub's schema has `pubid`, `question`, `context.contexts`, `long_answer`, `final_decision`; the
original repository's `ori_pqal.json` is an object of pmid -> `QUESTION`, `CONTEXTS`, ...
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from hera.data.reading import ready_rows, typed, unique
from hera.errors import DataError
from hera.refs import EMBEDDED, Ref

LABELS = ("yes", "no", "maybe")
"""PubMedQA's decisions, in the order of every table and array."""


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
        ref: "embedded", a .json/.jsonl/.parquet file, a folder of them, or a Hub id.
        split: which embedded file ("train" or "test"), or which of a folder's or a Hub
            repository's splits; a data set that has only a "train" split is read whole. Of PubMedQA
            itself "test" is the labelled set and "train" the artificial one (yes and no only).
        unusable: what is wrong with a row is appended here and the row left out, instead of raised.

    Raises:
        DataError: nothing there, or a row that is no PubMedQA question (with its place).
    """
    ref = Ref.of(ref, "--data")
    # Official test questions sit among the labelled thousand: training keeps to the artificial set.
    config = "pqa_labeled" if split == "test" else "pqa_artificial"
    rows = ready_rows(ref, split, embedded=f"pubmedqa_{split}.parquet", config=config)
    return unique(typed(rows, _question, ref, unusable), ref)


def _question(row: Any, where: str) -> Question:
    if not isinstance(row, Mapping):
        raise DataError(f"{where}: expected an object with PubMedQA's fields.")
    nested = row.get("context")
    inner: Mapping[str, Any] = nested if isinstance(nested, Mapping) else {}
    contexts = row.get("CONTEXTS", inner.get("contexts"))
    question = row.get("QUESTION", row.get("question"))
    if not isinstance(question, str) or not question.strip():
        raise DataError(f"{where}: no question (fields: {', '.join(map(str, row))}).")
    if not isinstance(contexts, Sequence) or isinstance(contexts, str) or not _text(contexts):
        raise DataError(f"{where}: no contexts (fields: {', '.join(map(str, row))}).")
    decision = str(row.get("final_decision", "")).strip().lower()
    if decision not in LABELS:
        raise DataError(f"{where}: final_decision is {decision!r}, not yes, no or maybe.")
    identity = row.get("pubid", row.get("pmid", row.get("id")))
    if identity is None:
        raise DataError(f"{where}: no pubid, pmid or id.")
    return Question(
        id=str(identity),
        question=question,
        contexts=tuple(str(c) for c in contexts),
        long_answer=str(row.get("LONG_ANSWER", row.get("long_answer", "")) or ""),
        decision=decision,
        labels=tuple(str(x) for x in row.get("LABELS", inner.get("labels", ())) or ()),
    )


def _text(contexts: Sequence[Any]) -> bool:
    return any(str(context).strip() for context in contexts if context is not None)
