"""PubMedQA questions with their answers: a row of the table, and one in full."""

from __future__ import annotations

import html
from collections.abc import Sequence

from hera.data import Question
from hera.data.pubmedqa import LABELS
from hera.evaluation.scoring import Scored, probabilities
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
    labels = "".join(f"<th scope='col'>{label}</th>" for label in LABELS)
    names = list(scored.logprobs)
    rows = "".join(_probabilities(name, scored.logprobs[name], names) for name in names)
    return (
        f"<h3 dir='auto'>{html.escape(question.question)}</h3>{abstract}"
        f"<p><b>{words.gold_answer}</b> {scored.gold}.</p>{as_written(question.long_answer)}"
        f"<table class='probabilities'><tr><th scope='col'>{words.variant}</th>{labels}</tr>"
        f"{rows}</table>"
    )


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


def _probabilities(variant: str, logprobs: dict[str, float], served: Sequence[str]) -> str:
    """A variant's row, a bar for each label in its colour."""
    tone = colour(variant, served)
    shares = probabilities(logprobs)
    cells = "".join(
        f"<td>{shares[label]:.1%}<div class='bar'>"
        f"<span style='width:{shares[label]:.1%}; background:{tone}'></span></div></td>"
        for label in LABELS
    )
    return f"<tr><th scope='row'>{html.escape(variant)}</th>{cells}</tr>"
