"""Answer quality for a visitor: answers to held-out patients, measured against a doctor's."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import Any

from hera.data import load_dialogues
from hera.errors import UnsupportedError
from hera.evaluation import records
from hera.evaluation.provenance import run_facts
from hera.evaluation.quality.answering import LONGEST, AnsweredCase, Case, answerable, score
from hera.evaluation.quality.result import QualityResult, quality_header, quality_parts
from hera.evaluation.scoring import Scored
from hera.refs import EMBEDDED, Ref
from hera.types import Engine, GenerationParams
from hera.ui.bench.state import Own, State, drawn
from hera.ui.components.bench_quality import quality_told
from hera.ui.gpu import on_gpu
from hera.ui.measuring import ticked
from hera.ui.running import answer_seconds
from hera.ui.serving import Serving
from hera.ui.words import WORDS

MOST = 50
"""Patients that one run may ask: an answer takes seconds."""

_PARAMS = GenerationParams(max_new_tokens=LONGEST, temperature=0.0)


class Quality:
    """The benchmark; `serving` is whom to ask."""

    name = "quality"
    there = MOST

    def __init__(self, serving: Serving) -> None:
        self._serving = serving
        self._ask = _asking(serving)

    def run(
        self, _: Own | None, /, count: float | None, seed: float | None, chosen: Sequence[str]
    ) -> Iterator[State]:
        """See `Bench.run`: dialogues in the order, and at last the file, of the command.

        Raises:
            InputError: no variant is chosen, or a number is out of range.
            UnsupportedError: the engine cannot measure similarity.
            DataError: no dialogue can be asked.
        """
        began, engine = time.monotonic(), self._serving.engine()
        if "embed" in engine.unsupported:
            raise UnsupportedError(engine.unsupported["embed"])
        names, number = ticked(engine.variants, chosen), int(seed or 0)
        ref = Ref.of(EMBEDDED)
        left_out: list[str] = []
        rows = list(enumerate(load_dialogues(ref, split="test", unusable=left_out), 1))
        cases = answerable(engine, drawn(rows, count, seed, MOST), _PARAMS, left_out, ref)
        name = WORDS.bench.kinds[self.name].name
        state = State(name, len(cases), len(rows), tuple(names))
        yield state
        head = quality_header(engine, str(ref), cases, LONGEST, number)
        head |= {"left_out": len(left_out)}
        for done in self._ask(cases, names):
            partial = len(done) < len(cases)
            parts = quality_parts(done, names, number)
            result = _result(engine, cases, head, parts, began, partial=partial)
            yield replace(
                state,
                rows=tuple((item, _outcome(item, names)) for item in done),
                told=quality_told(result, name),
                file="" if partial else records.text(result),
            )


def _result(
    engine: Engine,
    cases: Sequence[Case],
    head: dict[str, Any],
    parts: dict[str, Any],
    began: float,
    *,
    partial: bool,
) -> QualityResult:
    cut = [case.id for case in cases if case.asked is not case.dialogue]
    facts = run_facts(engine, began, partial=partial)
    return QualityResult.of({**head, **({"cut": cut} if cut else {}), **parts, **facts})


def _outcome(item: AnsweredCase, variants: Sequence[str]) -> Scored:
    """Nobody is right here: the answers alone."""
    texts = {name: str(item.variants[name]["text"]) for name in variants}
    return Scored(id=item.id, gold="", pred=dict.fromkeys(variants, ""), texts=texts)


def _asking(serving: Serving) -> Callable[[list[Case], list[str]], Iterator[list[AnsweredCase]]]:
    """A function of (cases, variants): all that is answered so far, after each."""

    def answered_cases(cases: list[Case], variants: list[str]) -> Iterator[list[AnsweredCase]]:
        done: list[AnsweredCase] = []
        for case in cases:
            done.append(score(serving.engine(), _PARAMS, case, variants))
            yield list(done)

    def seconds(cases: list[Case], _: list[str]) -> float:
        return answer_seconds(serving, _PARAMS) * len(cases)

    return on_gpu(answered_cases, seconds)
