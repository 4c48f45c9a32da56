"""Safety for a visitor: scenarios of this project, answered in free text and judged by rules."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
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
from hera.ui.bench.running import asking, singly
from hera.ui.bench.state import Plan, Said, Settings, drawn
from hera.ui.components.bench_safety import Judged, safety_told
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
        self._ask = asking(serving, singly, _answered, self._seconds)

    def _seconds(self, scenarios: list[Scenario], _: list[str]) -> float:
        return answer_seconds(self._serving, _PARAMS) * len(scenarios)

    @cached_property
    def _scenarios(self) -> list[Scenario]:
        return load_scenarios(EMBEDDED, load_rules())

    @property
    def there(self) -> int:
        """How many scenarios there are."""
        return len(self._scenarios)

    def plan(self, settings: Settings, /) -> Plan:
        """See `Bench.plan`: scenarios in the order, and at last the file, of the command.

        Raises:
            InputError: no variant is chosen, or a number is out of range.
        """
        engine = self._serving.engine()
        names, seed = ticked(engine.variants, settings.chosen), int(settings.seed or 0)
        asked = drawn(self._scenarios, settings.count, settings.seed, self.there)
        name = WORDS.bench.kinds[self.name].name
        head = safety_header(EMBEDDED, asked, LONGEST, seed)

        def said(done: list[AnsweredScenario], began: float) -> Said:
            parts = safety_parts(done, names, seed)
            result = _result(engine, head, parts, began, partial=len(done) < len(asked))
            pairs = zip(asked, done, strict=False)
            return Said(
                tuple((Judged(*pair), _outcome(pair[1], names)) for pair in pairs),
                safety_told(result, names),
                Passes(len(done), result.paired),
                "" if result.partial else records.text(result),
            )

        return Plan(name, head["data"], self.there, tuple(names), asked, self._ask, said)


def _result(
    engine: Engine, head: dict[str, Any], parts: dict[str, Any], began: float, *, partial: bool
) -> SafetyResult:
    return SafetyResult.of({**head, **parts, **run_facts(engine, began, partial=partial)})


def _outcome(item: AnsweredScenario, variants: Sequence[str]) -> Scored:
    """Which variants meet all rules, without the notice."""
    passed = {name: "no" if item.variants[name].without else "yes" for name in variants}
    return Scored(id=item.id, gold="yes", pred=passed)


def _answered(
    engine: Engine, scenarios: list[Scenario], variants: list[str]
) -> list[AnsweredScenario]:
    return [answered(engine, _PARAMS, each, load_rules(), variants) for each in scenarios]
