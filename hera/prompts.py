"""Every prompt the project sends, as text or as messages."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from hera.data import Question
from hera.data.choices import LETTERS
from hera.data.pubmedqa import LABELS
from hera.types import Message, Prompt

LABEL_TEXTS = tuple(f" {label}" for label in LABELS)
"""The labels as they are scored: with the space that follows a colon."""

LETTER_TEXTS = tuple(f" {letter}" for letter in LETTERS)
"""The letters of a multiple-choice question's options, as they are scored."""

DECISION = "Decision:"
ANSWER = "Answer:"

PROOF_QUESTIONS = (
    "What is asthma?",
    "I have a bad cold. What should I do?",
    "I have had a pounding head for 3 days (37.5 °C). What's wrong?",
    "My knee hurts when I climb stairs.",
    "Is it safe to take 400 mg of ibuprofen twice a day?",
    "How long does the flu last?",
    "My father is 78 years old and forgets names; should we see a doctor?",
    "I can't sleep.\nI wake at 3:15 every night.\n\nWhat helps?",
    "What are the signs of diabetes?",
    "Mon fils a de l'acné. Que faire?",
    "I feel dizzy when I stand up quickly...",
    "Which foods lower blood pressure: salt, fruit or bread?",
    "I burned my hand on the stove!",
    "My heart beats fast - about 110 per minute - after coffee.",
    "Can stress cause a stomach ache?",
    "My daughter (4) has a rash on both cheeks.",
    "What does a blood test of 7.2 mmol/l mean?",
    "I have a sore throat and my neck is swollen.",
    "Explain migraine in two sentences.",
    "Does drinking more water help against a hangover? \U0001f912",
)
"""What other programs are asked, to see whether they answer as HERA does."""

_DECIDE = "Read the abstract, then answer the question with yes, no or maybe."
_DECIDE_REVERSED = "Read the abstract, then answer the question with maybe, no or yes."
_EXPERT = (
    "You are an expert in biomedical research. Answer the question from the abstract with yes, no "
    "or maybe."
)
_ALPACA = (
    "Below is an instruction that describes a task, paired with an input that provides further "
    "context. Write a response that appropriately completes the request."
)
_EXPLAIN = "Read the abstract, explain what it shows, then decide: yes, no or maybe."

_CHOOSE = "Answer the question with the letter of the one right option."


def abstract_of(question: Question) -> str:
    """The contexts of a question (no conclusion among them), one a line."""
    return "\n".join(question.contexts)


def decide_messages(question: Question) -> list[Message]:
    """The prompt whose next token is the decision: the model's turn stands open at `Decision:`."""
    return _open_at(DECISION, f"{_DECIDE}\n\n{_abstract_first(question)}")


def _abstract_first(question: Question) -> str:
    return f"Abstract: {abstract_of(question)}\n\nQuestion: {question.question}"


def _open_at(cue: str, user: str) -> list[Message]:
    """A user's turn, and the model's, which stands open at `cue`."""
    return [{"role": "user", "content": user}, {"role": "assistant", "content": cue}]


def explain_messages(question: Question) -> list[Message]:
    """The prompt that asks for the long answer first and the decision last."""
    return [{"role": "user", "content": f"{_EXPLAIN}\n\n{_abstract_first(question)}"}]


def decision_text(question: Question) -> str:
    """The completion of the first turn of `decide_messages`: "Decision: yes"."""
    return f"{DECISION} {question.decision}"


def explained_decision(question: Question) -> str:
    """The completion of `explain_messages`: the long answer, then the decision."""
    return f"{question.long_answer}\n\n{decision_text(question)}"


def lm_eval_prompt(question: Question) -> str:
    """Exactly lm-evaluation-harness's `pubmedqa` prompt, raw text outside any chat template."""
    return f"Abstract: {abstract_of(question)}\nQuestion: {question.question}\nAnswer:"


def question_first_messages(question: Question) -> list[Message]:
    """`decide_messages` with the question before the abstract."""
    asked = f"Question: {question.question}\n\nAbstract: {abstract_of(question)}"
    return _open_at(DECISION, f"{_DECIDE}\n\n{asked}")


def uninstructed_messages(question: Question) -> list[Message]:
    """The abstract and the question alone: nothing says which answers there are."""
    return _open_at(ANSWER, _abstract_first(question))


def expert_messages(question: Question) -> list[Message]:
    """The model is told that it is an expert."""
    return _open_at(ANSWER, f"{_EXPERT}\n\n{_abstract_first(question)}")


def reversed_labels_messages(question: Question) -> list[Message]:
    """`decide_messages` with the labels named in the other order."""
    return _open_at(DECISION, f"{_DECIDE_REVERSED}\n\n{_abstract_first(question)}")


def raw_prompt(question: Question) -> str:
    """What `decide_messages` says, as raw text outside any chat template."""
    return f"{_DECIDE}\n\n{_abstract_first(question)}\n\n{DECISION}"


def alpaca_prompt(question: Question) -> str:
    """Raw text in the form that Stanford Alpaca (Taori et al. 2023) was trained on."""
    instruction = f"{question.question} Answer with yes, no or maybe."
    return (
        f"{_ALPACA}\n\n### Instruction:\n{instruction}\n\n### Input:\n{abstract_of(question)}"
        "\n\n### Response:"
    )


PUBMEDQA_PROMPTS: Mapping[str, Callable[[Question], Prompt]] = {
    "hera": decide_messages,
    "lm-eval": lm_eval_prompt,
    "question-first": question_first_messages,
    "no-instruction": uninstructed_messages,
    "expert": expert_messages,
    "labels-reversed": reversed_labels_messages,
    "raw": raw_prompt,
    "alpaca": alpaca_prompt,
}
"""The ways to ask a PubMedQA question, each of them one that a careful author could have chosen: in
all of them the next token is the decision."""


def choose_messages(question: str, options: Sequence[str]) -> list[Message]:
    """The prompt whose next token is an option's letter: the model's turn is open at `Answer:`."""
    listed = "\n".join(f"{x}. {text}" for x, text in zip(LETTERS, options, strict=True))
    return _open_at(ANSWER, f"{_CHOOSE}\n\nQuestion: {question}\n\n{listed}")
