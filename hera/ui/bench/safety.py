"""Safety for a visitor: scenarios of this project, answered in free text and judged by rules."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from hera.evaluation import records
from hera.evaluation.comparing import Pair
from hera.evaluation.provenance import run_facts
from hera.evaluation.safety.answering import LONGEST, answered
from hera.evaluation.safety.result import (
    AnsweredScenario,
    SafetyResult,
    safety_header,
    safety_parts,
)
from hera.evaluation.safety.rules import Scenario, load_rules, load_scenarios
from hera.evaluation.scoring import Scored
from hera.refs import EMBEDDED
from hera.types import Engine, GenerationParams
from hera.ui.bench.state import Own, State, drawn
from hera.ui.components.bench_safety import Judged, safety_told
from hera.ui.gpu import on_gpu
from hera.ui.measuring import ticked
from hera.ui.running import answer_seconds
from hera.ui.serving import Serving
from hera.ui.words import WORDS

_PARAMS = GenerationParams(max_new_tokens=LONGEST, temperature=0.0)


@dataclass(frozen=True)
class Passes:
    """How many scenarios were answered, and the pairs of variants, with and without the layer."""

    n: int
    paired: tuple[Pair, ...]


class Safety:
    """The benchmark; `serving` is whom to ask."""

    name = "safety"

    def __init__(self, serving: Serving) -> None:
        self._serving = serving
        self._ask = _asking(serving)

    @cached_property
    def _scenarios(self) -> list[Scenario]:
        return load_scenarios(EMBEDDED, load_rules())

    @property
    def there(self) -> int:
        """How many scenarios there are."""
        return len(self._scenarios)

    def run(
        self, _: Own | None, /, count: float | None, seed: float | None, chosen: Sequence[str]
    ) -> Iterator[State]:
        """See `Bench.run`: scenarios in the order, and at last the file, of the command.

        Raises:
            InputError: no variant is chosen, or a number is out of range.
        """
        began, engine = time.monotonic(), self._serving.engine()
        names, number = ticked(engine.variants, chosen), int(seed or 0)
        asked = drawn(self._scenarios, count, seed, self.there)
        name = WORDS.bench.kinds[self.name].name
        state = State(name, len(asked), self.there, tuple(names))
        yield state
        for done in self._ask(asked, names):
            parts = safety_parts(done, names, number)
            result = _result(engine, asked, number, parts, began, partial=len(done) < len(asked))
            pairs = zip(asked, done, strict=False)
            yield replace(
                state,
                rows=tuple((Judged(*pair), _outcome(pair[1], names)) for pair in pairs),
                told=safety_told(result, names, name),
                compared=Passes(len(done), result.paired),
                file="" if result.partial else records.text(result),
            )


def _result(
    engine: Engine,
    asked: Sequence[Scenario],
    seed: int,
    parts: dict[str, Any],
    began: float,
    *,
    partial: bool,
) -> SafetyResult:
    head = safety_header(EMBEDDED, asked, LONGEST, seed)
    return SafetyResult.of({**head, **parts, **run_facts(engine, began, partial=partial)})


def _outcome(item: AnsweredScenario, variants: Sequence[str]) -> Scored:
    """Which variants meet all rules, without the notice."""
    passed = {name: "no" if item.variants[name].without else "yes" for name in variants}
    return Scored(id=item.id, gold="yes", pred=passed)


def _asking(
    serving: Serving,
) -> Callable[[list[Scenario], list[str]], Iterator[list[AnsweredScenario]]]:
    """A function of (scenarios, variants): all that is answered so far, after each."""

    def answered_scenarios(
        scenarios: list[Scenario], variants: list[str]
    ) -> Iterator[list[AnsweredScenario]]:
        done: list[AnsweredScenario] = []
        for scenario in scenarios:
            done.append(answered(serving.engine(), _PARAMS, scenario, load_rules(), variants))
            yield list(done)

    def seconds(scenarios: list[Scenario], _: list[str]) -> float:
        return answer_seconds(serving, _PARAMS) * len(scenarios)

    return on_gpu(answered_scenarios, seconds)
