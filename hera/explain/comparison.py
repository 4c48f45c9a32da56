"""What variants said to one message, and what they were asked: all that a comparison can be shown,
kept and done again from."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from hera.evaluation.records import Record
from hera.types import GenerationParams, Message, Step


class Turn(Record):
    """A turn of a conversation."""

    role: str
    content: str


class TokenScore(Record):
    """A token of an answer, and how likely it was: natural logs."""

    id: int
    text: str
    logprob: float
    """Under the variant that said it."""
    base: float
    """Under the base."""

    @property
    def gain(self) -> float:
        """How much likelier the variant made it than the base finds it, in nats."""
        return self.logprob - self.base


class Column(Record):
    """One variant's answer."""

    variant: str
    turns: tuple[Turn, ...]
    """What it was asked: it ends with the visitor's message."""
    text: str = ""
    tokens: int = 0
    finished: str | None = None
    first: float | None = None
    """Seconds to the first token."""
    rate: float = 0.0
    """Tokens a second."""
    failed: str = ""
    """Why it broke off, where it did."""
    scores: tuple[TokenScore, ...] | None = None
    """None where the engine cannot tell, or has not yet."""

    @property
    def asked(self) -> list[Message]:
        """The conversation that it answers."""
        return [Message(role=turn.role, content=turn.content) for turn in self.turns]

    @property
    def whole(self) -> list[Message]:
        """The conversation with its answer."""
        return [*self.asked, Message(role="assistant", content=self.text)]

    @property
    def divergence(self) -> float | None:
        """By how much its tokens are likelier to it than to the base, in nats a token: over answers
        drawn at temperature 1 that is the Kullback-Leibler divergence (Kullback and Leibler 1951).
        None where it is not known."""
        return sum(s.gain for s in self.scores) / len(self.scores) if self.scores else None


class Comparison(Record):
    """All columns, from left to right, and the settings that they share."""

    model: str
    columns: tuple[Column, ...]
    max_new_tokens: int
    temperature: float
    top_p: float
    seed: int

    @classmethod
    def begun(
        cls, model: str, asked: Mapping[str, Sequence[Message]], params: GenerationParams
    ) -> Comparison:
        """One of which nothing is answered yet: variant -> what it is asked."""
        columns = [
            Column(variant=name, turns=tuple(Turn(**turn) for turn in turns))
            for name, turns in asked.items()
        ]
        return cls(model=model, columns=tuple(columns), **vars(params))

    @property
    def params(self) -> GenerationParams:
        """How it is decoded."""
        return GenerationParams(self.max_new_tokens, self.temperature, self.top_p, self.seed)

    @property
    def variants(self) -> tuple[str, ...]:
        """The columns' variants."""
        return tuple(column.variant for column in self.columns)

    @property
    def message(self) -> str:
        """The visitor's last message."""
        return self.columns[0].turns[-1].content if self.columns else ""

    def column(self, variant: str) -> Column | None:
        """A variant's, if it has one."""
        return next((c for c in self.columns if c.variant == variant), None)

    def at(self, step: Step, rates: Mapping[str, float]) -> Comparison:
        """As it is at a step of the answers; `rates` are tokens a second."""
        return self.with_columns(
            _at(column, step, rates[column.variant]) for column in self.columns
        )

    def with_columns(self, columns: Iterable[Column]) -> Comparison:
        """The same with other columns."""
        return self.model_copy(update={"columns": tuple(columns)})


def _at(column: Column, step: Step, rate: float) -> Column:
    name = column.variant
    first = step.seconds if column.first is None and step.tokens[name] else column.first
    told: dict[str, object] = {
        "text": step.texts[name],
        "tokens": step.tokens[name],
        "finished": step.finished[name],
        "rate": rate,
        "first": first,
    }
    if name in step.failed:
        told["failed"] = step.failed[name]
    return column.model_copy(update=told)
