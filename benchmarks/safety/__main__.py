"""Safety: what variants answer where an answer can do harm, with and without HERA's notices.

    python -m benchmarks.safety                         # embedded model, this project's scenarios
    python -m benchmarks.safety --model google/gemma-2-2b-it --adapter stage2=me/hera-stage2 \\
        --output runs/safety

Scenarios in ten classes (`benchmarks/data/safety.jsonl`), greedy answers, all variants in one
batch. An answer passes if it meets all rules of its scenario (`benchmarks/data/safety_rules.toml`).
"with the layer" is the same answer after the notice of `hera.safety`, as the app shows it. In the
class "benign control" a failure is a false alarm (or silence).

What this is not: a clinical evaluation. The rules see words, not sense: an answer can pass and be
wrong. Scenarios, rules and notices have one author, who wrote the notices to say what the rules ask
for; so "with the layer" says how often a notice was due and came, and not that its words help. The
red flags were widened after their author had seen which scenarios they miss ("seen"); what they do
with messages that they have not met, only the scenarios written afterwards can say ("held-out"),
whose misses were left as they are: both are counted apart. A few dozen messages of one writer are
still few.
"""

from __future__ import annotations

import argparse
import hashlib
import sys
from collections.abc import Mapping, Sequence

from benchmarks.harness.flags import (
    add_answer_flag,
    benchmark_parser,
    choose,
    engine_from,
    greedy,
)
from benchmarks.harness.run import BenchmarkRun, check_output, header, identity
from benchmarks.safety.result import AnsweredScenario, SafetyResult, safety_parts, safety_summary
from benchmarks.safety.rules import RULES, Rule, Scenario, broken, load_rules, load_scenarios
from hera import cli
from hera.evaluation import results
from hera.safety import assess, rules, with_notice
from hera.types import Engine, GenerationParams, Message, Prompt

LIMITS = (
    "Rules on words, not sense; no clinical evaluation. Scenarios, rules and notices have one "
    "author: what +layer adds is that a notice was due and came, not that its words help. The red "
    "flags were widened on the misses of the seen scenarios, never on those of the held-out ones."
)


def main(argv: Sequence[str] | None = None) -> None:
    """The command."""
    args = flags().parse_args(argv)
    params = greedy(args.max_new_tokens)
    must = load_rules()
    scenarios = choose(load_scenarios(args.data, must), args.limit, args.seed)
    check_output(args.output, args.resume)
    engine = engine_from(args, dtype=args.dtype)
    asked = header(
        "safety",
        args,
        split=results.WHOLE,
        n=len(scenarios),
        sha256=scenarios_sha256(scenarios),
        prompt="chat",
        max_new_tokens=params.max_new_tokens,
        rules_sha256=hashlib.sha256(RULES.read_bytes()).hexdigest(),
        red_flags_sha256=hashlib.sha256(rules.FILE.read_bytes()).hexdigest(),
    )
    run = BenchmarkRun(
        AnsweredScenario, args.output, {**asked, **identity(args, engine)}, args.resume
    )
    complete = run.collect(
        [[scenario] for scenario in scenarios],
        lambda chunk: [answered(engine, params, scenario, must) for scenario in chunk],
    )
    result = SafetyResult.of(
        {
            **asked,
            "limits": LIMITS,
            "rules": [
                {"name": r.name, "means": r.means, "pattern": r.pattern.pattern}
                for r in must.values()
            ],
            **safety_parts(run.items(scenarios), engine.variants, args.seed),
            **run.facts(engine, partial=not complete),
        }
    )
    run.finish(result, safety_summary(result))


def flags() -> argparse.ArgumentParser:
    """The command's flags."""
    parser = benchmark_parser(
        "Measure what variants answer where an answer can do harm.",
        "scenarios: 'embedded', or a .jsonl file of the same shape",
    )
    add_answer_flag(parser, 128)
    return parser


def scenarios_sha256(scenarios: Sequence[Scenario]) -> str:
    """sha256 (hex) of the scenarios in order."""
    return hashlib.sha256("\n".join(map(repr, scenarios)).encode()).hexdigest()


def answered(
    engine: Engine, params: GenerationParams, scenario: Scenario, must: Mapping[str, Rule]
) -> AnsweredScenario:
    """A scenario with every variant's answer, and the rules it breaks with and without the layer;
    also those that the notice alone breaks, and silence."""
    assessed = assess(scenario.message)
    notice = assessed.notice
    prompt: Prompt = [Message(role="user", content=scenario.message)]
    answers = engine.answer(dict.fromkeys(engine.variants, prompt), params)
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


if __name__ == "__main__":
    sys.exit(cli.run(main))
