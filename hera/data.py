"""PubMedQA questions, patient dialogues and multiple-choice questions as typed rows, from the
embedded files, a file, a folder or the Hub, in every shape people have them.

PubMedQA: Jin et al. 2019, arXiv:1909.06146. Its Hub schema (`pubid`, `question`,
`context.contexts`, `long_answer`, `final_decision`) and its repository's (`ori_pqal.json`: pmid ->
`QUESTION`, `CONTEXTS`, ...) are both read. Dialogues: rows of `instruction`, `input`, `output`, the
schema of HealthCareMagic-100k (Li et al. 2023, arXiv:2303.14070). Multiple choice: see
`hera.multiple_choice`. A dialogue of several turns carries the earlier ones as `history`, a list of
[patient, doctor] pairs.
"""

from __future__ import annotations

import hashlib
import itertools
import json
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from hera import hub
from hera.engine import Message
from hera.errors import DataError, one_line
from hera.multiple_choice import Choice, read_choice
from hera.refs import EMBEDDED, EMBEDDED_DIR, local_path, split_revision

DECISIONS = ("yes", "no", "maybe")
_SUFFIXES = (".parquet", ".jsonl", ".json")
Row = TypeVar("Row")
Asked = TypeVar("Asked", "Question", Choice)


@dataclass(frozen=True)
class Question:
    """One PubMedQA row. `contexts` hold the abstract without its conclusion (`long_answer`)."""

    id: str
    question: str
    contexts: tuple[str, ...]
    long_answer: str
    decision: str
    labels: tuple[str, ...] = ()


@dataclass(frozen=True)
class Dialogue:
    """What a patient wrote, what a doctor replied, and the turns before, oldest first."""

    patient: str
    doctor: str
    history: tuple[tuple[str, str], ...] = ()

    def asked(self, patient: str | None = None) -> list[Message]:
        """The conversation up to the reply; `patient` stands in for the last message."""
        messages: list[Message] = []
        for said, answered in self.history:
            messages.append({"role": "user", "content": said})
            messages.append({"role": "assistant", "content": answered})
        last = self.patient if patient is None else patient
        return [*messages, {"role": "user", "content": last}]


def load_pubmedqa(
    ref: str = EMBEDDED, split: str = "test", unusable: list[str] | None = None
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
    # Official test questions sit among the labelled thousand: training keeps to the artificial set.
    config = "pqa_labeled" if split == "test" else "pqa_artificial"
    rows = _rows(ref, f"pubmedqa_{split}.parquet", split, config)
    return _unique(_typed(rows, _question, ref, unusable), ref)


def load_dialogues(
    ref: str = EMBEDDED, split: str = "train", unusable: list[str] | None = None
) -> list[Dialogue]:
    """Read patient-doctor pairs; see `load_pubmedqa` for the arguments.

    Raises:
        DataError: nothing there, or a row without `input` and `output`.
    """
    rows = _rows(ref, f"dialogues_{split}.parquet", split, config=None)
    return _typed(rows, _dialogue, ref, unusable)


def load_choices(ref: str, split: str = "test") -> list[Choice]:
    """Read multiple-choice questions of four options: MedQA-USMLE, MedMCQA or HERA's own.

    Args:
        ref: a .json/.jsonl/.parquet file, a folder of them, or a Hub id.
        split: which of a folder's or a Hub repository's splits.

    Raises:
        DataError: nothing there, no such split among several, or rows that are no such question
            (the first is named, all are counted).
    """
    rows = _rows(ref, "", split, config=None, strict=True)
    number = itertools.count(1)
    choices = _typed(rows, lambda row, where: read_choice(row, where, next(number)), ref, None)
    return _unique(choices, ref)


def _typed(
    rows: Sequence[Any], read: Callable[[Any, str], Row], ref: str, unusable: list[str] | None
) -> list[Row]:
    typed: list[Row] = []
    problems: list[str] = []
    for number, row in enumerate(rows, 1):
        try:
            typed.append(read(row, f"{ref}, row {number}"))
        except DataError as error:
            problems.append(str(error))
    if unusable is not None:
        unusable += problems
    elif problems:
        raise DataError(_counted(problems, len(rows)))
    return typed


def _text(contexts: Sequence[Any]) -> bool:
    return any(str(context).strip() for context in contexts if context is not None)


def _counted(problems: Sequence[str], rows: int) -> str:
    """The first problem, and how many rows have one."""
    others = f" {len(problems)} of {rows} rows cannot be used." if len(problems) > 1 else ""
    return f"{problems[0]}{others}"


def fingerprint(rows: Iterable[Question | Dialogue | Choice]) -> str:
    """sha256 (hex) of the rows' contents in order: equal for the same data in any file format."""
    digest = hashlib.sha256()
    for row in rows:
        fields = {name: getattr(row, name) for name in row.__dataclass_fields__}
        digest.update(json.dumps(fields, sort_keys=True, ensure_ascii=False).encode())
    return digest.hexdigest()


def _rows(
    ref: str, embedded_name: str, split: str, config: str | None, *, strict: bool = False
) -> list[Mapping[str, Any]]:
    """`strict`: among several splits the one that is asked for must be there."""
    path = EMBEDDED_DIR / "data" / embedded_name if ref == EMBEDDED else local_path(ref)
    if path is None:
        rows = _hub_rows(ref, split, config, strict)
    elif path.is_dir():
        rows = _folder_rows(path, split, strict)
    elif path.is_file():
        rows = _file_rows(path)
    else:
        raise DataError(f"--data {ref}: no such file or folder. Give a file, a folder or a Hub id.")
    if not rows:
        raise DataError(f"--data {ref}: it holds no rows.")
    return rows


def _folder_rows(folder: Path, split: str, strict: bool) -> list[Mapping[str, Any]]:
    files = sorted(p for p in folder.rglob("*") if p.suffix in _SUFFIXES)
    chosen = [p for p in files if split in p.name]
    if not files:
        raise DataError(f"--data {folder}: no {', '.join(_SUFFIXES)} file in this folder.")
    if strict and not chosen and len(files) > 1:
        names = ", ".join(p.name for p in files[:5])
        raise DataError(f"--data {folder}: no file is named after the split {split!r} ({names}).")
    chosen = chosen or files
    return [row for path in chosen for row in _file_rows(path)]


def _file_rows(path: Path) -> list[Mapping[str, Any]]:
    try:
        if path.suffix == ".parquet":
            import pyarrow.parquet as pq

            return list(pq.read_table(path).to_pylist())
        text = path.read_text(encoding="utf-8")
        if path.suffix == ".jsonl":
            return list(_json_lines(text, path))
        content = json.loads(text)
    except (OSError, ValueError) as error:
        raise DataError(f"--data {path}: cannot be read ({one_line(error)}).") from error
    if isinstance(content, dict):
        return [{"pmid": key, **row} for key, row in content.items() if isinstance(row, dict)]
    if isinstance(content, list):
        return content
    raise DataError(f"--data {path}: expected a JSON list of rows or a pmid -> row object.")


def _json_lines(text: str, path: Path) -> Iterator[Mapping[str, Any]]:
    for number, line in enumerate(text.splitlines(), 1):
        if line.strip():
            try:
                yield json.loads(line)
            except ValueError as error:
                raise DataError(f"--data {path}, line {number}: {one_line(error)}.") from error


def _hub_rows(ref: str, split: str, config: str | None, strict: bool) -> list[Mapping[str, Any]]:
    from datasets import load_dataset

    repo, revision = split_revision(ref)
    try:
        try:
            splits = load_dataset(repo, config, revision=revision)
        except ValueError:  # no such config: then whatever it has
            if config is None:
                raise
            splits = load_dataset(repo, revision=revision)
    except Exception as error:  # datasets raises a dozen unrelated types for one missing repository
        if refusal := hub.refusal_in(repo, error):
            raise DataError(f"--data {refusal}") from error
        raise DataError(
            f"--data {ref}: the Hub data set cannot be read ({one_line(error)}). Check the id, the "
            "network and, for a private or gated one, HF_TOKEN; or give a local file."
        ) from error
    if strict and split not in splits and len(splits) > 1:
        raise DataError(f"--data {ref}: no split {split!r}, only {', '.join(splits)}.")
    return list(splits[split] if split in splits else splits[next(iter(splits))])


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
    if decision not in DECISIONS:
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


def _unique(questions: list[Asked], ref: str) -> list[Asked]:
    counts = Counter(question.id for question in questions)
    twice = [identity for identity, count in counts.items() if count > 1]
    if twice:
        more = f", and {len(twice) - 1} more do" if len(twice) > 1 else ""
        raise DataError(f"--data {ref}: the id {twice[0]} occurs twice{more}.")
    return questions


def _dialogue(row: Any, where: str) -> Dialogue:
    patient, doctor = (
        (row.get("input"), row.get("output")) if isinstance(row, Mapping) else (None, None)
    )
    for name, value in (("input", patient), ("output", doctor)):
        if not isinstance(value, str) or not value.strip():
            raise DataError(f"{where}: no {name!r}: rows need instruction, input and output.")
    history = _history(row.get("history") or (), where)
    return Dialogue(patient=str(patient).strip(), doctor=str(doctor).strip(), history=history)


def _history(turns: Any, where: str) -> tuple[tuple[str, str], ...]:
    pairs: list[tuple[str, str]] = []
    for turn in turns:
        texts = [] if isinstance(turn, str) else list(turn)
        if len(texts) != 2 or not all(isinstance(t, str) and t.strip() for t in texts):
            raise DataError(f"{where}: 'history' is no list of [patient, doctor] pairs of text.")
        pairs.append((texts[0].strip(), texts[1].strip()))
    return tuple(pairs)
