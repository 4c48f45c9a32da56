"""PubMedQA questions whose abstract was changed: taken away, another question's, turned around.

- "removed": no abstract at all. Whatever is still right is no reading.
- "exchanged": the abstract of another of the questions that are asked.
- "negated": the sentences of the results that are about the question and say one thing (a finding
  or a denial, as the nearest does) are turned into the opposite (`hera.evaluation.turning`), and
  what else is about it there goes, since it may say the same again. So "yes" should become "no" and
  the other way around: a contrast set (Gardner et al. 2020, arXiv:2004.02709), made by rules.
- "beside": as many sentences of the results that are less about the question, and of the same kind,
  are turned by the same rules, as many go, and the answer should stay. What counts words turns here
  as well.

A sentence is about a question by the words of content that both have.
"""

from __future__ import annotations

import random
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from hera.data import Question
from hera.evaluation.shortcuts import sentences
from hera.evaluation.turning import denies
from hera.evaluation.turning import turned as opposite_of

FORMS = ("original", "removed", "exchanged", "negated", "beside")
OPPOSITE = {"yes": "no", "no": "yes"}
_CONTENT_FREE = ("N/A", "[MASK]", "")
"""Zhao et al.'s three inputs without content (2021, arXiv:2102.09690)."""

_RESULTS = re.compile(r"RESULT|FINDING|OUTCOME|CONCLUSION|DISCUSSION")
_WORD = re.compile(r"[a-z0-9][a-z0-9-]{3,}")
_EMPTY = frozenset(
    {"does", "have", "that", "this", "with", "from", "than", "more", "were", "what", "when"}
    | {"which", "there", "their", "they", "been", "into", "only", "also", "after", "before"}
    | {"between", "among", "patients", "study", "results", "effect", "role", "used"}
)
"""Words that say nothing of what a question is about."""
_ABOUT = 2  # words of content that a sentence about a question has in common with it
_STEM = 6  # letters: "prevent" and "prevention" are the same


@dataclass(frozen=True)
class Turned:
    """A sentence, and what it became; "" where it is gone."""

    was: str
    now: str


@dataclass(frozen=True)
class Altered:
    """A question in the forms that it can be had in, by form; ids are "form:id", and a decision is
    what would be right then. `turned` are the sentences of "negated", `beside` those of "beside".
    """

    forms: dict[str, Question]
    turned: tuple[Turned, ...] = ()
    beside: tuple[Turned, ...] = ()


def altered(questions: Sequence[Question], seed: int) -> dict[str, Altered]:
    """Every question, by its id, in its forms; which abstract goes to which question is seeded. A
    single question has no other's, and where no rule fits it has no turned one."""
    order = random.Random(seed).sample(range(len(questions)), len(questions))
    giver = {order[i]: order[i - 1] for i in range(len(order))}
    found = {}
    for place, question in enumerate(questions):
        other = questions[giver[place]]
        forms = {
            "original": _form(question, "original", question.contexts),
            "removed": _form(question, "removed", ("",)),
        }
        if other is not question:
            forms["exchanged"] = _form(question, "exchanged", other.contexts)
        turned, beside = _turned(question)
        if turned:
            now = _with(question, turned)
            forms["negated"] = replace(
                _form(question, "negated", now), decision=OPPOSITE[question.decision]
            )
        if beside:
            forms["beside"] = _form(question, "beside", _with(question, beside))
        found[question.id] = Altered(forms, turned, beside)
    return found


def content_free() -> list[Question]:
    """Questions that say nothing, for what a variant answers out of habit; their decision means
    nothing either."""
    return [
        Question(f"content-free:{i}", text, (text,), "", "yes")
        for i, text in enumerate(_CONTENT_FREE, 1)
    ]


def _form(question: Question, form: str, contexts: tuple[str, ...]) -> Question:
    return replace(question, id=f"{form}:{question.id}", contexts=contexts)


def _turned(question: Question) -> tuple[tuple[Turned, ...], tuple[Turned, ...]]:
    """What becomes of the sentences about a question, and of as many of the others; nothing where
    the decision has no opposite, or no sentence about it can be turned."""
    if question.decision not in OPPOSITE:
        return (), ()
    asked = _stems(question.question)
    found = [s for text in _results(question) for s in sentences(text)]
    shared = {sentence: len(asked & _stems(sentence)) for sentence in found}
    enough = max(_ABOUT, max(shared.values()) / 2)
    order = sorted(shared, key=lambda s: shared[s])  # stable: in their order else
    near = [s for s in order if shared[s] >= enough]
    far = [s for s in order if shared[s] < enough]
    turnable = [s for s in near if opposite_of(s)]
    # One way: of a finding and a denial, both turned, neither would be the opposite.
    one_way = [s for s in turnable if denies(s) == denies(turnable[-1])]
    # The same way as those: words that are counted are then shifted alike.
    others = (
        [s for s in far if opposite_of(s) and denies(s) == denies(turnable[-1])] if one_way else []
    )
    others = others[: len(one_way)]
    gone = len(near) - len(one_way)
    return (
        _become(near, one_way, gone),
        _become(far, others, gone),
    )


def _become(found: Sequence[str], turned: Sequence[str], gone: int) -> tuple[Turned, ...]:
    """Those that are turned, and so many of the others gone; nothing where none is turned."""
    left = [s for s in found if s not in turned][:gone]
    now = [Turned(s, opposite_of(s) or "") for s in turned]
    return (*now, *(Turned(s, "") for s in left)) if turned else ()


def _results(question: Question) -> list[str]:
    """The contexts that say what was found: by their labels, else the last."""
    if len(question.labels) == len(question.contexts):
        pairs = zip(question.labels, question.contexts, strict=True)
        if named := [text for label, text in pairs if _RESULTS.search(label.upper())]:
            return named
    return [question.contexts[-1]]


def _stems(text: str) -> set[str]:
    return {word[:_STEM] for word in _WORD.findall(text.lower()) if word not in _EMPTY}


def _with(question: Question, turned: Sequence[Turned]) -> tuple[str, ...]:
    contexts = list(question.contexts)
    for one in turned:
        for i, text in enumerate(contexts):
            contexts[i] = text.replace(one.was, one.now)
    return tuple(" ".join(text.split()) for text in contexts)
