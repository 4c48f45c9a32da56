"""Answer quality for a visitor: answers to held-out patients, measured against a doctor's."""

from __future__ import annotations

from collections.abc import Sequence
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
from hera.ui.bench.running import asking, singly
from hera.ui.bench.state import Plan, Said, Settings, drawn
from hera.ui.components.bench_quality import quality_told
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
        self._ask = asking(serving, singly, _answered, self._seconds)

    def _seconds(self, cases: list[Case], _: list[str]) -> float:
        return answer_seconds(self._serving, _PARAMS) * len(cases)

    def plan(self, settings: Settings, /) -> Plan:
        """See `Bench.plan`: dialogues in the order, and at last the file, of the command.

        Raises:
            InputError: no variant is chosen, or a number is out of range.
            UnsupportedError: the engine cannot measure similarity.
            DataError: no dialogue can be asked.
        """
        engine = self._serving.engine()
        if "embed" in engine.unsupported:
            raise UnsupportedError(engine.unsupported["embed"])
        names, seed = ticked(engine.variants, settings.chosen), int(settings.seed or 0)
        ref = Ref.of(EMBEDDED)
        left_out: list[str] = []
        rows = list(enumerate(load_dialogues(ref, split="test", unusable=left_out), 1))
        sample = drawn(rows, settings.count, settings.seed, MOST)
        cases = answerable(engine, sample, _PARAMS, left_out, ref)
        name = WORDS.bench.kinds[self.name].name
        head = quality_header(engine, str(ref), cases, LONGEST, seed)
        head |= {"left_out": len(left_out)}

        def said(done: list[AnsweredCase], began: float) -> Said:
            partial = len(done) < len(cases)
            parts = quality_parts(done, names, seed)
            result = _result(engine, cases, head, parts, began, partial=partial)
            return Said(
                tuple((item, _outcome(item, names)) for item in done),
                quality_told(result),
                file="" if partial else records.text(result),
            )

        return Plan(name, head["data"], len(rows), tuple(names), cases, self._ask, said)


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


def _answered(engine: Engine, cases: list[Case], variants: list[str]) -> list[AnsweredCase]:
    return [score(engine, _PARAMS, case, variants) for case in cases]
