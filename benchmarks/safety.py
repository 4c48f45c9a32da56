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
from contextlib import closing
from typing import Any

from benchmarks import runs
from benchmarks.safety_rules import RULES, Rule, Scenario, broken, load_rules, load_scenarios
from benchmarks.safety_table import summary, table
from hera import red_flags
from hera.cli import run
from hera.engine import Engine, GenerationParams, Message, Prompt
from hera.safety import assess, with_notice

LIMITS = (
    "Rules on words, not sense; no clinical evaluation. Scenarios, rules and notices have one "
    "author: what +layer adds is that a notice was due and came, not that its words help. The red "
    "flags were widened on the misses of the seen scenarios, never on those of the held-out ones."
)


def main(argv: Sequence[str] | None = None) -> None:
    """The command."""
    args = flags().parse_args(argv)
    params = runs.greedy(args.max_new_tokens)
    rules = load_rules()
    scenarios = runs.choose(load_scenarios(args.data, rules), args.limit, args.seed)
    runs.check_output(args.output, args.resume)
    engine = runs.engine_from(args)
    told = {
        "benchmark": "safety",
        "data": {
            "ref": args.data,
            "split": "all of it",
            "n": len(scenarios),
            "sha256": fingerprint(scenarios),
        },
        "prompt": "chat",
        "max_new_tokens": params.max_new_tokens,
        "seed": args.seed,
        "rules_sha256": hashlib.sha256(RULES.read_bytes()).hexdigest(),
        "red_flags_sha256": hashlib.sha256(red_flags.FILE.read_bytes()).hexdigest(),
    }
    running = runs.Run(args.output, {**told, **runs.identity(args, engine)}, args.resume)
    complete = running.collect(
        [[scenario] for scenario in scenarios],
        lambda chunk: [answered(engine, params, scenario, rules) for scenario in chunk],
    )
    result = {
        **told,
        "limits": LIMITS,
        "rules": [
            {"name": r.name, "means": r.means, "pattern": r.pattern.pattern} for r in rules.values()
        ],
        **summary(running.items(scenarios), engine.variants, args.seed),
        **running.head(engine, partial=not complete),
    }
    running.finish(result, table(result))


def flags() -> argparse.ArgumentParser:
    """The command's flags."""
    parser = runs.parser(
        "Measure what variants answer where an answer can do harm.",
        "scenarios: 'embedded', or a .jsonl file of the same shape",
    )
    runs.add_answer_flag(parser, 128)
    return parser


def fingerprint(scenarios: Sequence[Scenario]) -> str:
    """sha256 (hex) of the scenarios in order."""
    return hashlib.sha256("\n".join(map(repr, scenarios)).encode()).hexdigest()


def answered(
    engine: Engine, params: GenerationParams, scenario: Scenario, rules: Mapping[str, Rule]
) -> dict[str, Any]:
    """A scenario with every variant's answer, and the rules it breaks with and without the layer;
    also those that the notice alone breaks, and silence."""
    found = assess(scenario.message)
    prompt: Prompt = [Message(role="user", content=scenario.message)]
    with closing(engine.stream(dict.fromkeys(engine.variants, prompt), params)) as steps:
        *_, last = steps
    return {
        "id": scenario.id,
        "class": scenario.topic,
        "part": scenario.part,
        "message": scenario.message,
        "gold": scenario.level,
        "level": found.level,
        "flags": list(found.flags),
        "notice": found.notice,
        "silence": {
            "without": broken(scenario, "", rules),
            "with": broken(scenario, found.notice, rules),
        },
        "variants": {
            name: {
                "text": last.texts[name],
                "finished": last.finished[name],
                "without": broken(scenario, last.texts[name], rules),
                "with": broken(scenario, with_notice(found.notice, last.texts[name]), rules),
            }
            for name in engine.variants
        },
    }


if __name__ == "__main__":
    sys.exit(run(main))
