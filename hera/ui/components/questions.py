"""PubMedQA questions with their answers: a row of the table, and one in full."""

from __future__ import annotations

import html
from collections.abc import Mapping, Sequence

from hera.data import Question
from hera.data.pubmedqa import LABELS
from hera.evaluation.scoring import Scored, probabilities
from hera.prompts import abstract_of
from hera.ui.bench.state import Kind
from hera.ui.components.colours import colour
from hera.ui.components.written import as_written
from hera.ui.words import WORDS


def table_headers(variants: Sequence[str]) -> list[str]:
    """The names of the columns of `table_row`."""
    words = WORDS.questions
    return [words.id, words.question, words.gold, *variants]


def table_row(question: Question, scored: Scored) -> list[str]:
    """id, question, gold, and each variant's answer with a mark."""
    marks = [f"{'✓' if pred == scored.gold else '✗'} {pred}" for pred in scored.pred.values()]
    return [question.id, question.question, scored.gold, *marks]


def detail_html(question: Question, scored: Scored) -> str:
    """One question in full: abstract under its headings, gold answer, each variant's
    probabilities."""
    words = WORDS.questions
    abstract = _abstract(question)
    return (
        f"<h3 dir='auto'>{html.escape(question.question)}</h3>{abstract}"
        f"<p><b>{words.gold_answer}</b> {scored.gold}.</p>{as_written(question.long_answer)}"
        f"{probabilities_html(scored.logprobs, LABELS)}"
    )


def probabilities_html(logprobs: Mapping[str, dict[str, float]], labels: Sequence[str]) -> str:
    """Every variant's probabilities of the labels, each with a bar in its colour."""
    names = list(logprobs)
    heads = "".join(f"<th scope='col'>{label}</th>" for label in labels)
    rows = "".join(_probabilities(name, logprobs[name], names, labels) for name in names)
    return (
        f"<table class='probabilities'><tr><th scope='col'>{WORDS.questions.variant}</th>{heads}"
        f"</tr>{rows}</table>"
    )


def question_text(question: Question) -> str:
    """What a search looks through."""
    return f"{question.id} {question.question} {abstract_of(question)}"


def _abstract(question: Question) -> str:
    """Its parts, under their headings where the file has one for each."""
    labels = question.labels if len(question.labels) == len(question.contexts) else ()
    parts, before = "", ""
    for place, text in enumerate(question.contexts):
        label = labels[place] if labels else ""
        # Several parts of one heading follow each other.
        parts += f"<h4 dir='auto'>{html.escape(label)}</h4>" if label and label != before else ""
        parts, before = parts + as_written(text), label
    return parts


def _probabilities(
    variant: str, logprobs: dict[str, float], served: Sequence[str], labels: Sequence[str]
) -> str:
    """A variant's row, a bar for each label in its colour."""
    tone = colour(variant, served)
    shares = probabilities(logprobs)
    cells = "".join(
        f"<td>{shares[label]:.1%}<div class='bar'>"
        f"<span style='width:{shares[label]:.1%}; background:{tone}'></span></div></td>"
        for label in labels
    )
    return f"<tr><th scope='row'>{html.escape(variant)}</th>{cells}</tr>"


def _label(name: str) -> str:
    return WORDS.questions.label_of.format(source=name)


ITEMS = Kind(
    table_headers, table_row, detail_html, question_text, _label, ("90px", "560px", "80px")
)
"""How PubMedQA's questions are listed and opened."""
