"""What is loaded, as data: the Model tab shows it, and `/model` gives it."""

from __future__ import annotations

from typing import Literal

from hera.evaluation.records import Interval, Record
from hera.evaluation.training_record import Training
from hera.explain.layers import Part
from hera.explain.selftest import Check


class Memory(Record):
    """In bytes, of the process or on the GPU."""

    used: int
    peak: int
    """The most since the process began."""
    place: str
    """ "process" or "GPU"."""


class Running(Record):
    """What computes, and in what; None where that cannot be known."""

    engine: Literal["transformers", "llama_cpp", "server"]
    device: str
    bits: int | None
    """In which the base's weights are kept."""
    dtype: str | None
    """Of the weights that decode."""
    scoring: str
    """What labels are scored in."""
    threads: int | None
    """That decode on a CPU."""
    window: int | None
    """How many tokens prompt and answer may have together."""
    memory: Memory | None
    hera: str
    commit: str | None
    python: str
    platform: str
    versions: dict[str, str]


class Lora(Record):
    """An adapter's shape, by its config."""

    kind: Literal["LoRA", "DoRA", "rsLoRA"]
    rank: int
    alpha: float
    dropout: float
    targets: tuple[str, ...]


class Score(Record):
    """One number that was recorded of a variant."""

    metric: str
    value: float
    ci95: Interval | None
    n: int | None
    data: str
    """What was asked."""
    source: str
    """The file that says so."""


class Variant(Record):
    """One that answers; None where something cannot be known."""

    name: str
    kind: Literal["base", "adapter", "model"]
    ref: str | None
    """Its REF; of a folder of this machine the last part alone."""
    base: str | None
    """The REF of the base that it is on, likewise."""
    parameters: int | None
    bits: int | None
    sha256: str | None
    trained_on: str | None
    """sha256 of the base's weights that its training.json names."""
    licence: str | None
    lora: Lora | None
    norm: float | None
    """‖ΔW‖ / ‖W‖ over all layers that it changes."""
    parts: tuple[Part, ...]
    """The same for every matrix that it changes."""
    no_norm: str | None
    """Why those are not known, where there could be some."""
    training: Training | None
    scores: tuple[Score, ...]


class Card(Record):
    """A README that lies with weights."""

    variants: tuple[str, ...]
    """Those that it lies with."""
    name: str
    """The folder, or repository, that it lies in."""
    licence: str | None
    text: str
    """Its Markdown, without the metadata at its head."""
    cut: bool
    """Whether there is more of it than is told."""


class Snippet(Record):
    """A program that has the same answer."""

    kind: Literal["hera", "server", "peft", "gguf", "ollama", "vllm"]
    language: Literal["python", "sh"]
    code: str


Unknown = Literal["weights", "memory", "training", "window", "changes"]


class Sheet(Record):
    """What is loaded, what it scores, and how to have the same."""

    running: Running
    variants: tuple[Variant, ...]
    checks: tuple[Check, ...]
    """The self-test's."""
    notes: tuple[str, ...]
    """What whoever uses it should know."""
    cards: tuple[Card, ...]
    snippets: tuple[Snippet, ...]
    unknown: tuple[Unknown, ...]
    """What a server does not show."""
