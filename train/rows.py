"""From examples to rows of tokens: what the model reads, and which part of it carries the loss.

A row is one prompt, rendered in the base's own chat template with exactly one BOS, and one
completion that ends with the turn end; the completion alone carries the loss. A model whose turn
end is masked never learns to stop, so it is inside.
"""

from __future__ import annotations

import random
import statistics
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

from hera.errors import ConfigError, DataError
from hera.refs import Ref
from hera.rendering import encode_plain, end_that_fits, render, turn_end_ids
from hera.types import Message

IGNORED = -100  # the label that carries no loss, as PyTorch's cross-entropy and TRL have it
FEWEST = 10  # a tenth is held out
MOST_UNUSABLE = 0.01  # of the rows: more of them is a wrong data set, not a few bad lines
Item = TypeVar("Item")


@dataclass(frozen=True)
class Example:
    """What one row is made from. `context` is the only part that a length limit may cut."""

    context: str
    ask: Callable[[str], Sequence[Message]]
    completion: str


@dataclass(frozen=True)
class TrainingData:
    """The examples of a run, the fingerprint of the data they were made from, what of it could not
    be used, the REF of data that was mixed in, and how many official test questions were left
    out."""

    examples: Sequence[Example]
    sha256: str
    unusable: Sequence[str] = ()
    mix: Ref | None = None
    official: int = 0


@dataclass(frozen=True)
class Row:
    """`input_ids` and `labels` of equal length; a label is the token itself or IGNORED."""

    input_ids: list[int]
    labels: list[int]
    cut: bool

    @property
    def columns(self) -> dict[str, list[int]]:
        """The columns that `trl.SFTTrainer` takes as already prepared."""
        return {"input_ids": self.input_ids, "labels": self.labels}


@dataclass(frozen=True)
class Rows:
    """All rows of a run, the held-out tenth apart, and what happened to the others."""

    train: list[Row]
    held_out: list[Row]
    unusable: list[str] = field(default_factory=list)

    @property
    def all(self) -> list[Row]:
        return [*self.train, *self.held_out]

    def report(self) -> str:
        """Counts in one line: kept, cut, unusable, and the lengths in tokens."""
        lengths = sorted(len(row.input_ids) for row in self.all)
        loss = sum(label != IGNORED for row in self.all for label in row.labels)
        p95 = lengths[min(len(lengths) - 1, round(0.95 * len(lengths)))]
        return (
            f"rows: {len(self.train)} to train on, {len(self.held_out)} held out, "
            f"{sum(row.cut for row in self.all)} with a cut context, "
            f"{len(self.unusable)} unusable; tokens a row: median "
            f"{statistics.median(lengths):.0f}, p95 {p95}, max {lengths[-1]}; "
            f"{loss / sum(lengths):.0%} of the tokens carry the loss"
        )


def take(items: Sequence[Item], samples: int, seed: int) -> list[Item]:
    """A seeded sample without replacement; all items if there are fewer.

    Raises:
        ConfigError: fewer than ten are asked for (a tenth is held out).
        DataError: fewer than ten are there.
    """
    if samples < FEWEST:
        raise ConfigError(f"--samples {samples}: give at least {FEWEST} (a tenth is held out).")
    if len(items) < FEWEST:
        raise DataError(f"The data holds {len(items)} usable rows: {FEWEST} are needed.")
    shuffled = list(items)
    random.Random(seed).shuffle(shuffled)
    return shuffled[:samples]


def check_unusable(unusable: Sequence[str], total: int) -> None:
    """Raises DataError, naming the first few, if more than one row in a hundred cannot be used."""
    if len(unusable) > MOST_UNUSABLE * total:
        first = "; ".join(line.rstrip(".") for line in unusable[:3])
        raise DataError(
            f"{len(unusable)} of {total} rows cannot be used, more than {MOST_UNUSABLE:.0%}: "
            f"{first}. Correct the data or give another --data."
        )


def prepare(tokenizer: Any, examples: Sequence[Example], max_length: int, held_out: float) -> Rows:
    """Tokenize examples in their order; the first share of them is held out.

    Args:
        tokenizer: the base's.
        examples: at least ten.
        max_length: tokens a row may have; a longer one loses the beginning of its context.
        held_out: the share that no training step sees.

    Raises:
        DataError: more than 1 % of the rows do not fit even without their context.
    """
    rows: list[Row] = []
    unusable: list[str] = []
    for number, example in enumerate(examples, 1):
        row = tokenize(tokenizer, example, max_length)
        if row is None:
            unusable.append(f"row {number} of the sample exceeds {max_length} tokens uncut")
        else:
            rows.append(row)
    check_unusable(unusable, len(examples))
    apart = max(1, round(len(rows) * held_out))
    return Rows(rows[apart:], rows[:apart], unusable)


def tokenize(tokenizer: Any, example: Example, max_length: int) -> Row | None:
    """One row of at most `max_length` tokens, or None if it has more even without its context.

    The context loses its beginning: an abstract ends with its results and a patient's message with
    the question, and these decide.
    """
    answer = encode_plain(tokenizer, example.completion.strip())
    answer.append(turn_end(tokenizer))
    prompt = render(tokenizer, example.ask(example.context))
    cut = len(prompt) + len(answer) > max_length
    if cut:
        room = max_length - len(answer)
        end = end_that_fits(
            tokenizer, example.context, lambda end: len(render(tokenizer, example.ask(end))) - room
        )
        if end is None:
            return None
        prompt = render(tokenizer, example.ask(end))
    return Row(prompt + answer, [IGNORED] * len(prompt) + answer, cut)


def turn_end(tokenizer: Any) -> int:
    """The id that ends a turn: the chat template's own, or EOS."""
    ends = [i for i in turn_end_ids(tokenizer) if i != tokenizer.eos_token_id]
    return ends[0] if ends else int(tokenizer.eos_token_id)


def shown(tokenizer: Any, row: Row) -> str:
    """A row as text, the part that carries the loss between guillemets."""
    split = next(i for i, label in enumerate(row.labels) if label != IGNORED)
    prompt, answer = row.input_ids[:split], row.input_ids[split:]
    return f"{tokenizer.decode(prompt)}«{tokenizer.decode(answer)}»"
