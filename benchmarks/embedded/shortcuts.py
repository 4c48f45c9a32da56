"""How far ways to guess a decision without reading the study come (`hera.evaluation.shortcuts`).

Two bags of words are trained on the embedded training questions, one on the question alone and one
on the abstract's last sentence alone; a third, on whole abstracts, shows how far words without
order come. The keyword rule needs no training.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from hera.data import Question, load_pubmedqa
from hera.evaluation import stats
from hera.evaluation.shortcuts import (
    classifier,
    keyword_rule,
    last_sentence,
    question_alone,
    whole_abstract,
)
from hera.refs import Ref


def shortcut_scores(real: Ref | None = None) -> tuple[dict[str, Any], str]:
    """Every shortcut on the held-out questions and, if given, on real ones: (result, text)."""
    train = load_pubmedqa(split="train")
    tests = {"held-out": load_pubmedqa()}
    if real:
        tests["real"] = load_pubmedqa(real)
    measured: dict[str, Any] = {}
    for view in (question_alone, last_sentence, whole_abstract):
        guess = classifier(train, view)
        name = f"{view.__name__.replace('_', ' ')}, bag of words"
        measured[name] = {test: _measured(rows, guess(rows)) for test, rows in tests.items()}
    measured["keyword rule"] = {
        test: _measured(rows, [keyword_rule(q) for q in rows]) for test, rows in tests.items()
    }
    lines = ["shortcuts"]
    for name, of in measured.items():
        for test, its in of.items():
            low, high = its["accuracy_ci95"]
            lines.append(
                f"  {name:32} {test:9} accuracy {its['accuracy']:.3f} ({low:.3f} to {high:.3f})  "
                f"macro-F1 {its['macro_f1']:.3f}, n = {its['n']}"
            )
    return measured, "\n".join(lines)


def _measured(rows: Sequence[Question], predicted: Sequence[str]) -> dict[str, Any]:
    numbers = stats.measure([q.decision for q in rows], predicted)
    keys = ("accuracy", "accuracy_ci95", "macro_f1")
    return {"n": len(rows), **{key: numbers[key] for key in keys}}
