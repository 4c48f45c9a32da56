"""Patient-doctor dialogues: rows of `instruction`, `input`, `output`, the schema of
HealthCareMagic-100k (Li et al. 2023, arXiv:2303.14070).

A dialogue of several turns carries the earlier ones as `history`, a list of [patient, doctor]
pairs.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from hera.data.reading import ready_rows, typed
from hera.errors import DataError
from hera.refs import EMBEDDED, Ref
from hera.types import Message


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


def load_dialogues(
    ref: str | Ref = EMBEDDED, split: str = "train", unusable: list[str] | None = None
) -> list[Dialogue]:
    """Read patient-doctor pairs; see `hera.data.load_pubmedqa` for the arguments.

    Raises:
        DataError: nothing there, or a row without `input` and `output`.
    """
    ref = Ref.of(ref, "--data")
    rows = ready_rows(ref, split, embedded=f"dialogues_{split}.parquet")
    return typed(rows, _dialogue, ref, unusable)


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
