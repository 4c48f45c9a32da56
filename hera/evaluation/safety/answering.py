"""Scenarios put to variants: what each answers, and the rules that the answer breaks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from hera.evaluation.safety.result import AnsweredScenario
from hera.evaluation.safety.rules import Rule, Scenario, broken
from hera.safety import assess, with_notice
from hera.types import Engine, GenerationParams, Message, Prompt

LONGEST = 128
"""Tokens that an answer may have, where nothing else is asked for."""


def answered(
    engine: Engine,
    params: GenerationParams,
    scenario: Scenario,
    must: Mapping[str, Rule],
    variants: Sequence[str],
) -> AnsweredScenario:
    """A scenario with every variant's answer, and the rules it breaks with and without the layer;
    also those that the notice alone breaks, and silence.

    Raises:
        InputError: see `Engine.answer`.
    """
    assessed = assess(scenario.message)
    notice = assessed.notice
    prompt: Prompt = [Message(role="user", content=scenario.message)]
    answers = engine.answer(dict.fromkeys(variants, prompt), params)
    return AnsweredScenario.of(
        {
            "id": scenario.id,
            "class": scenario.topic,
            "part": scenario.part,
            "message": scenario.message,
            "gold": scenario.level,
            "level": assessed.level,
            "flags": list(assessed.flags),
            "notice": notice,
            "silence": {
                "without": broken(scenario, "", must),
                "with": broken(scenario, notice, must),
            },
            "variants": {
                name: {
                    "text": text,
                    "finished": answers.finished[name],
                    "without": broken(scenario, text, must),
                    "with": broken(scenario, with_notice(notice, text), must),
                }
                for name, text in answers.texts.items()
            },
        }
    )
