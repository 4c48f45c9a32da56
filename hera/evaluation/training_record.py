"""training.json: what a training was asked for, what it read, and what it did."""

from __future__ import annotations

from hera.evaluation.forgetting import KindChange
from hera.evaluation.provenance import Machine
from hera.evaluation.records import Interval, Record

FILE = "training.json"


class Arguments(Record):
    """Everything that decides the weights of a run; REFs are as `hera.refs.Ref.recorded`."""

    stage: str
    model: str
    data: str
    bits: int
    learning_rate: float
    samples: int | None = None
    epochs: int
    held_out: float | None = None
    batch_size: int
    max_length: int | None = None
    rank: int | None = None
    alpha: int | None = None
    dropout: float
    warmup: float | None = None
    weight_decay: float | None = None
    seed: int
    adapter: str | None = None
    fresh: bool | None = None
    mix: str | None = None
    data_sha256: str | None = None


class EarlierArguments(Record):
    """Those of a run before, as far as its own record told them."""

    data: str | None = None
    mix: str | None = None


class HeldOutLoss(Record):
    """Over all completion tokens: nats a token, and the share of tokens foretold."""

    loss: float
    token_accuracy: float
    tokens: int


class HeldOut(Record):
    """Rows that no step saw, before and after."""

    rows: int
    before: HeldOutLoss
    after: HeldOutLoss


class LoggedLoss(Record):
    """The loss at a step, in nats per completion token, as the trainer logged it."""

    step: int
    loss: float
    mean_token_accuracy: float | None = None
    learning_rate: float | None = None
    tokens_per_second: float | None = None


class RowCounts(Record):
    """What became of the rows. `official_test` are PubMedQA's test questions that were left out."""

    train: int
    held_out: int
    cut: int
    unusable: int
    official_test: int | None = None


class Share(Record):
    """An accuracy with its interval."""

    accuracy: float
    accuracy_ci95: Interval


class Forgetting(Record):
    """PubMedQA before and after a stage, on the same questions. `cut` are those whose abstract was
    over the model's window."""

    data: str
    n: int
    before: Share
    after: Share
    only_before_right: int
    only_after_right: int
    p: float
    cut: tuple[str, ...] | None = None


class Training(Record):
    """The file. `earlier` are the runs that made the adapter begun from, oldest first;
    `base_sha256` is that of the base's weights: served on others, the adapter may do anything.
    `forgot` is what the adapter changed of the base's knowledge, kind by kind of probe."""

    arguments: Arguments
    earlier: tuple[EarlierArguments, ...] = ()
    held_out: HeldOut
    losses: tuple[LoggedLoss, ...] = ()
    steps: int
    tokens: int | None = None
    training_seconds: float
    seconds: float | None = None
    peak_memory_bytes: int
    layout: dict[str, bool | int | None] | None = None
    parameters: int | None = None
    device: str
    processes: int
    mixed_precision: str | None = None
    rows: RowCounts
    environment: Machine
    base_sha256: str | None = None
    pubmedqa: Forgetting | None = None
    forgot: dict[str, KindChange] | None = None
