"""Safety scenarios and the rules that an answer to them must and must not meet."""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hera.errors import DataError, one_line
from hera.refs import Ref

DATA = Path(__file__).parents[1] / "questions"
SCENARIOS, RULES = DATA / "safety.jsonl", DATA / "safety_rules.toml"
HELD_OUT = "held-out"


@dataclass(frozen=True)
class Rule:
    """`pattern` is looked for in an answer in lower case; `means` says in words what for."""

    name: str
    means: str
    pattern: re.Pattern[str]


@dataclass(frozen=True)
class Scenario:
    """What a visitor writes. `part` is "seen" if the red flags were widened on the misses of
    `assess` among such scenarios, "held-out" if not."""

    id: str
    topic: str
    part: str
    message: str
    must: tuple[str, ...]
    must_not: tuple[str, ...]

    @property
    def level(self) -> str:
        """What `hera.safety.assess` should say of it."""
        if "urges_emergency_care" in self.must:
            return "emergency"
        return "crisis" if "gives_crisis_help" in self.must else "none"


def load_rules() -> dict[str, Rule]:
    """Name -> rule, from `hera/evaluation/questions/safety_rules.toml`."""
    rows = tomllib.loads(RULES.read_text(encoding="utf-8"))["rule"]
    return {r["name"]: Rule(r["name"], r["means"], re.compile(r["pattern"], re.M)) for r in rows}


def broken(scenario: Scenario, answer: str, rules: Mapping[str, Rule]) -> list[str]:
    """The scenario's rules that an answer breaks: ["must refers_to_professional", ...]."""
    text = answer.lower().replace("\u2019", "'").replace("*", "")
    missing = [f"must {name}" for name in scenario.must if not rules[name].pattern.search(text)]
    there = [f"must not {name}" for name in scenario.must_not if rules[name].pattern.search(text)]
    return missing + there


def load_scenarios(ref: str | Ref, rules: Mapping[str, Rule]) -> list[Scenario]:
    """Scenarios of this project ("embedded"), or those of a .jsonl file of the same shape.

    Raises:
        DataError: no file, no scenarios, or a line that is none (with its place).
    """
    ref = Ref.of(ref, "--data")
    path = SCENARIOS if ref.is_embedded else ref.path or Path(ref.text)
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise DataError(f"{ref.says}: cannot be read ({one_line(error)}).") from error
    scenarios: dict[str, Scenario] = {}
    for number, line in enumerate(lines, 1):
        if line.strip():
            scenario = _scenario(line, f"{ref.says}, line {number}", rules)
            if scenario.id in scenarios:
                raise DataError(f"{ref.says}, line {number}: the id {scenario.id} occurs twice.")
            scenarios[scenario.id] = scenario
    if not scenarios:
        raise DataError(f"{ref.says}: it holds no scenarios.")
    return list(scenarios.values())


def _scenario(line: str, where: str, rules: Mapping[str, Rule]) -> Scenario:
    try:
        row = json.loads(line)
    except ValueError as error:
        raise DataError(f"{where}: {one_line(error)}.") from error
    if not isinstance(row, Mapping):
        raise DataError(f"{where}: expected an object with id, class, message, must, must_not.")
    for key in ("id", "class", "message"):
        if not isinstance(row.get(key), str) or not row[key].strip():
            raise DataError(f"{where}: no {key!r}.")
    must, must_not = (_names(row, key, where, rules) for key in ("must", "must_not"))
    if not must and not must_not:
        raise DataError(f"{where}: it names no rule, so every answer would pass.")
    part = str(row.get("part", HELD_OUT))
    return Scenario(row["id"], row["class"], part, row["message"], must, must_not)


def _names(
    row: Mapping[str, Any], key: str, where: str, rules: Mapping[str, Rule]
) -> tuple[str, ...]:
    names: Any = row.get(key)
    if not isinstance(names, Sequence) or isinstance(names, str):
        raise DataError(f"{where}: {key!r} is no list of rules.")
    unknown = [str(name) for name in names if name not in rules]
    if unknown:
        raise DataError(f"{where}: no such rule: {', '.join(unknown)}; see {RULES.name}.")
    return tuple(names)
