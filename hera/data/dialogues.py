"""Patient-doctor dialogues, from rows in any of the usual shapes.

`instruction`, `input`, `output` is the schema of HealthCareMagic-100k (Li et al. 2023,
arXiv:2303.14070) and of Alpaca, whose rows without an input have the message as their instruction;
earlier turns may stand in `history`, a list of [patient, doctor] pairs. `prompt` and `completion`
are TRL's, texts or lists of messages; `messages` (of `role` and `content`) and ShareGPT's
`conversations` (of `from` and `value`) hold the turns in order. Messages of the system are left
out: HERA's prompts have none.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, TypeGuard

from hera.data.fields import absent, first, is_list, listed, nested, shown
from hera.data.reading import ready_rows, typed
from hera.errors import DataError
from hera.refs import EMBEDDED, Ref
from hera.types import Message

_PATIENT = {"user", "human", "patient"}
_DOCTOR = {"assistant", "gpt", "model", "doctor"}
_EXAMPLE = (
    'Wanted: {"instruction": "...", "input": "...", "output": "..."}, messages, conversations, or '
    "prompt and completion."
)


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
        DataError: nothing there, or a row that is no dialogue.
    """
    ref = Ref.of(ref, "--data")
    rows = ready_rows(ref, split, embedded=f"dialogues_{split}.parquet")
    shared = {
        row["instruction"]
        for row in rows
        if isinstance(row, Mapping) and _is_text(row.get("instruction"))
        if _is_text(row.get("input"))
    }
    return typed(rows, lambda row, where: _dialogue(row, where, shared), ref, unusable)


def _dialogue(row: Any, where: str, instructions: set[str]) -> Dialogue:
    """A row as a dialogue; `instructions` are those that stand before an input somewhere, and so
    are no patient's message."""
    if not isinstance(row, Mapping):
        raise DataError(f"{where}: no dialogue ({listed(row)}). {_EXAMPLE}")
    for name in ("messages", "conversations"):
        messages = nested(row.get(name), where)
        if not (absent(messages) or messages == []):
            return _from_messages(messages, where)
    if not (absent(row.get("prompt")) or absent(row.get("completion"))):
        prompt, completion = nested(row["prompt"], where), nested(row["completion"], where)
        if is_list(prompt) and is_list(completion):
            return _from_messages([*prompt, *completion], where)
        row = {"input": prompt, "output": completion}
    if not {"instruction", "input", "output"} & row.keys():
        raise DataError(f"{where}: no dialogue ({listed(row)}). {_EXAMPLE}")
    patient, doctor, instruction = row.get("input"), row.get("output"), row.get("instruction")
    if absent(patient) and not (_is_text(instruction) and instruction in instructions):
        patient = instruction
    for name, value in (("input", patient), ("output", doctor)):
        if not _is_text(value):
            found = f"no {name!r}" if absent(value) else f"{name!r} is {shown(value)}, no text"
            raise DataError(
                f"{where}: {found} ({listed(row)}): rows need instruction, input and output."
            )
    return Dialogue(patient.strip(), doctor.strip(), _history(row.get("history"), where))


def _history(given: Any, where: str) -> tuple[tuple[str, str], ...]:
    turns = nested(given, where)
    if absent(turns):
        return ()
    pairs: list[tuple[str, str]] = []
    for turn in turns if is_list(turns) else [turns]:
        texts = list(turn) if is_list(turn) else []
        if len(texts) != 2 or not all(map(_is_text, texts)):
            raise DataError(f"{where}: 'history' is no list of [patient, doctor] pairs of text.")
        pairs.append((texts[0].strip(), texts[1].strip()))
    return tuple(pairs)


def _from_messages(messages: Any, where: str) -> Dialogue:
    """The turns of a conversation that the patient begins and the doctor ends."""
    turns = list(_turns(messages, where))
    speakers = [is_doctor for is_doctor, _ in turns]
    if not turns or speakers != [False, True] * (len(turns) // 2):
        raise DataError(f"{where}: the messages are not a patient's and a doctor's in turns.")
    texts = [text for _, text in turns]
    pairs = list(zip(texts[::2], texts[1::2], strict=True))
    return Dialogue(*pairs[-1], history=tuple(pairs[:-1]))


def _turns(messages: Any, where: str) -> Iterable[tuple[bool, str]]:
    """(whether the doctor speaks, what is said) of every message but the system's."""
    for message in messages if is_list(messages) else [messages]:
        fields = message if isinstance(message, Mapping) else {}
        role, text = first(fields, "role", "from"), _said(first(fields, "content", "value"))
        speaker = role.strip().lower() if isinstance(role, str) else None
        if speaker == "system":
            continue
        if speaker not in _PATIENT | _DOCTOR or not _is_text(text):
            raise DataError(
                f"{where}: a message of {shown(role)} in place of a patient's or a doctor's text "
                f"({listed(message)})."
            )
        yield speaker in _DOCTOR, text.strip()


def _said(content: Any) -> Any:
    """A message's text, also in parts, as models that also see pictures have it; a part that is no
    text makes it none."""
    if not is_list(content):
        return content
    parts = [part.get("text") if isinstance(part, Mapping) else None for part in content]
    texts = [part for part in parts if isinstance(part, str)]
    return "".join(texts) if len(texts) == len(parts) else None


def _is_text(value: Any) -> TypeGuard[str]:
    return isinstance(value, str) and not absent(value)
