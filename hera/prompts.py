"""Every prompt the project sends, as text or as messages."""

from __future__ import annotations

from collections.abc import Sequence

from hera.data import Question
from hera.data.choices import LETTERS
from hera.data.pubmedqa import LABELS
from hera.types import Message

LABEL_TEXTS = tuple(f" {label}" for label in LABELS)
"""The labels as they are scored: with the space that follows a colon."""

LETTER_TEXTS = tuple(f" {letter}" for letter in LETTERS)
"""The letters of a multiple-choice question's options, as they are scored."""

DECISION = "Decision:"
ANSWER = "Answer:"

_DECIDE = "Read the abstract, then answer the question with yes, no or maybe."
_EXPLAIN = "Read the abstract, explain what it shows, then decide: yes, no or maybe."

_CHOOSE = "Answer the question with the letter of the one right option."


def abstract_of(question: Question) -> str:
    """The contexts of a question (no conclusion among them), one a line."""
    return "\n".join(question.contexts)


def decide_messages(question: Question) -> list[Message]:
    """The prompt whose next token is the decision: the model's turn stands open at `Decision:`."""
    user = f"{_DECIDE}\n\nAbstract: {abstract_of(question)}\n\nQuestion: {question.question}"
    return [{"role": "user", "content": user}, {"role": "assistant", "content": DECISION}]


def explain_messages(question: Question) -> list[Message]:
    """The prompt that asks for the long answer first and the decision last."""
    user = f"{_EXPLAIN}\n\nAbstract: {abstract_of(question)}\n\nQuestion: {question.question}"
    return [{"role": "user", "content": user}]


def decision_text(question: Question) -> str:
    """The completion of the first turn of `decide_messages`: "Decision: yes"."""
    return f"{DECISION} {question.decision}"


def explained_decision(question: Question) -> str:
    """The completion of `explain_messages`: the long answer, then the decision."""
    return f"{question.long_answer}\n\n{decision_text(question)}"


def lm_eval_prompt(question: Question) -> str:
    """Exactly lm-evaluation-harness's `pubmedqa` prompt, raw text outside any chat template."""
    return f"Abstract: {abstract_of(question)}\nQuestion: {question.question}\nAnswer:"


def choose_messages(question: str, options: Sequence[str]) -> list[Message]:
    """The prompt whose next token is an option's letter: the model's turn is open at `Answer:`."""
    listed = "\n".join(f"{x}. {text}" for x, text in zip(LETTERS, options, strict=True))
    user = f"{_CHOOSE}\n\nQuestion: {question}\n\n{listed}"
    return [{"role": "user", "content": user}, {"role": "assistant", "content": ANSWER}]
