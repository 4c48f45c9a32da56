"""Multiple-choice questions with their answers: the table of shares, a row, and one in full."""

from __future__ import annotations

import html
from collections.abc import Sequence

from hera.data import Choice
from hera.data.choices import LETTERS
from hera.evaluation.choices.result import ChoiceScores, ChoiceVariant
from hera.evaluation.scoring import Scored
from hera.ui.bench.state import Kind, Told
from hera.ui.components.questions import probabilities_html
from hera.ui.components.summary import tells
from hera.ui.components.written import as_written
from hera.ui.words import WORDS


def choices_told(scores: ChoiceScores, left_out: Sequence[str]) -> Told:
    """Every variant's share of right answers, and how often it chose each letter; beside them a
    random letter, and each letter always."""
    words = WORDS.bench
    chosen = words.chosen.format(letters=" / ".join(LETTERS))
    rows = [_row(variant, its) for variant, its in scores.variants.items()]
    for baseline in scores.baselines.items():
        rows.append((_baseline(baseline[0]), f"{baseline[1].accuracy:.1%}", "", ""))
    summary = WORDS.summary
    columns = (summary.variant, summary.accuracy, summary.interval, chosen)
    notes = [words.over.format(n=len(left_out), ids=", ".join(left_out))] if left_out else []
    return Told(summary.scored, columns, tuple(rows), (tells(scores.n), *notes))


def _row(name: str, variant: ChoiceVariant) -> tuple[str, ...]:
    low, high = variant.accuracy_ci95
    interval = WORDS.summary.from_to.format(low=low, high=high)
    chosen = " / ".join(str(variant.chosen[letter]) for letter in LETTERS)
    return name, f"{variant.accuracy:.1%}", interval, chosen


def _baseline(name: str) -> str:
    words = WORDS.bench
    return words.random if name == "random" else words.always.format(letter=name.split()[-1])


def _headers(variants: Sequence[str]) -> list[str]:
    """The names of the columns of `_cells`."""
    words = WORDS.questions
    return [words.id, WORDS.bench.topic, words.question, words.gold, *variants]


def _cells(choice: Choice, scored: Scored) -> list[str]:
    """id, topic, question, the right letter, and each variant's with a mark."""
    marks = [f"{'✓' if pred == scored.gold else '✗'} {pred}" for pred in scored.pred.values()]
    return [choice.id, choice.topic, choice.question, scored.gold, *marks]


def _text(choice: Choice) -> str:
    """What a search looks through."""
    return " ".join((choice.id, choice.topic, choice.question, *choice.options))


def _detail(choice: Choice, scored: Scored) -> str:
    """One question with its options as they were shown, the right one marked, and each variant's
    probabilities."""
    options = "".join(
        _option(letter, text, right=letter == scored.gold)
        for letter, text in zip(LETTERS, choice.options, strict=True)
    )
    return (
        f"<h3 dir='auto'>{html.escape(choice.question)}</h3><ol class='options'>{options}</ol>"
        f"{probabilities_html(scored.logprobs, LETTERS)}"
    )


def _option(letter: str, text: str, *, right: bool) -> str:
    mark = f" <strong>✓ {html.escape(WORDS.bench.right_one)}</strong>" if right else ""
    return f"<li value='{LETTERS.index(letter) + 1}'>{as_written(text)}{mark}</li>"


def _label(name: str) -> str:
    return WORDS.bench.rows.format(name=name)


CHOICES = Kind(_headers, _cells, _detail, _text, _label, ("110px", "130px", "500px", "100px"))
"""How multiple-choice questions are listed and opened."""
