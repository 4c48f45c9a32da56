"""A visitor's own abstract: what is refused before any work, what is asked, what was changed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from hera.errors import InputError
from hera.evaluation.negation import negated
from hera.evaluation.scoring import LABEL_ROOM
from hera.explain.sentences import (
    MOST_ASKED,
    MOST_LETTERS,
    MOST_SENTENCES,
    Influence,
    answered,
    asks,
    influence,
    sentences,
)
from hera.explain.separating import Edit, Separating, edited, edits, tried
from hera.types import Engine
from hera.ui.gpu import on_gpu
from hera.ui.serving import Serving
from hera.ui.words import WORDS

Parts = tuple[str, ...]


@dataclass(frozen=True)
class Trail:
    """What was asked about an abstract, and its states from the pasted one to the last: a change
    adds one."""

    question: str
    states: tuple[Influence, ...]
    shown: str
    """The variant whose colours lie on the text."""

    @property
    def now(self) -> Influence:
        """The last state."""
        return self.states[-1]

    def then(self, state: Influence) -> Trail:
        """With one more."""
        return replace(self, states=(*self.states, state))

    def back(self) -> Trail:
        """Without the last one; the pasted one stays."""
        return replace(self, states=self.states[:-1] or self.states)

    def of(self, variant: str) -> Trail:
        """In a variant's colours."""
        return replace(self, shown=variant) if variant in self.now.variants else self


@dataclass(frozen=True)
class Tried:
    """One-word edits of an abstract: `found` is of it as it stands, then of each."""

    parts: Parts
    question: str
    variants: tuple[str, ...]
    edits: tuple[Edit, ...]
    found: tuple[Separating, ...]


class Abstracts:
    """Generator functions that may run on ZeroGPU (`on_gpu`):

    - moved(sentences, question, variants): the answers at once, then what each sentence is worth;
    - tried(sentences, question, variants): one-word edits of them, once.
    """

    def __init__(self, serving: Serving) -> None:
        self._serving = serving
        self.moved = on_gpu(self._moved, self._seconds)
        self.tried = on_gpu(self._tried, self._seconds)

    def _moved(self, parts: Parts, question: str, variants: Sequence[str]) -> Iterator[Influence]:
        engine = self._serving.engine()
        yield answered(engine, parts, question, variants)
        yield influence(engine, parts, question, variants)

    def _tried(self, parts: Parts, question: str, variants: Sequence[str]) -> Iterator[Tried]:
        some = edits(parts)
        found = tried(self._serving.engine(), parts, question, variants, some)
        yield Tried(parts, question, tuple(variants), tuple(some), tuple(found))

    def _seconds(self, parts: Parts, _: str, variants: Sequence[str]) -> float:
        cost = self._serving.gpu_seconds
        return cost.start + cost.question * (len(parts) + 2) * len(variants)


def checked_parts(
    engine: Engine, abstract: str, question: str, variants: Sequence[str]
) -> tuple[Parts, str]:
    """The abstract's sentences and the question, before any work.

    Raises:
        InputError: one is empty or too long, or both are over a variant's window.
    """
    words, asked = WORDS.errors, question.strip()
    if not abstract.strip() or not asked:
        raise InputError(words.own_empty)
    if len(abstract) > MOST_LETTERS:
        raise InputError(words.own_letters.format(n=len(abstract), most=MOST_LETTERS))
    if len(asked) > MOST_ASKED:
        raise InputError(words.own_question.format(n=len(asked), most=MOST_ASKED))
    parts = sentences(abstract.strip())
    if len(parts) > MOST_SENTENCES:
        raise InputError(words.own_sentences.format(n=len(parts), most=MOST_SENTENCES))
    over = engine.excess(asks(abstract.strip(), asked), LABEL_ROOM, variants)
    if over > 0:
        raise InputError(words.own_window.format(n=over))
    return parts, asked


def without_sentence(parts: Parts, place: int) -> Parts | None:
    """The others; None of the only one."""
    return (*parts[:place], *parts[place + 1 :]) if len(parts) > 1 else None


def with_negated(parts: Parts, place: int) -> Parts | None:
    """One of them negated; None where no rule can."""
    turned = negated(parts[place])
    return None if turned is None else (*parts[:place], turned, *parts[place + 1 :])


def with_edit(made: Tried, place: int) -> Parts:
    """The sentences with one of the edits that were tried."""
    return edited(made.parts, made.edits[place])
