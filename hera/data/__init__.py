"""Data sets as typed rows, from the embedded files, a file, a folder or the Hub."""

from __future__ import annotations

from hera.data.choices import Choice, load_choices
from hera.data.dialogues import Dialogue, load_dialogues
from hera.data.pubmedqa import Question, load_pubmedqa, official_part, official_test
from hera.data.reading import fingerprint

__all__ = [
    "Choice",
    "Dialogue",
    "Question",
    "fingerprint",
    "load_choices",
    "load_dialogues",
    "load_pubmedqa",
    "official_part",
    "official_test",
]
