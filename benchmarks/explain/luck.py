"""Is it luck? How often "differs" is said of a variant and its twin, and of two others.

    python -m benchmarks.explain luck
    python -m benchmarks.explain luck --against stage2@0.25      # a fainter difference

Held-out patients' questions are drawn `--pool` times each from the base and from another variant,
seeds of their own for every draw. A simulated question is one of them with a variant and its twin:
`--draws` of the variant's answers against as many others of the same variant, chosen at random. So
the two have other dice; with the same dice, as in the app, twins never differ at all. The power is
the share of the real questions for which the first draws of the base and of the other variant, the
same dice for both, show a difference. The judge is `hera.explain.luck`, as in the app.
"""

from __future__ import annotations

import argparse
import random
import sys
import time
from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from benchmarks.explain.luck_result import LuckResult, found, summary
from benchmarks.harness.flags import choose, engine_from
from benchmarks.harness.run import header
from hera.cli import output
from hera.cli.flags import add_model_flags, add_ref_flag, add_server_flag
from hera.data import Dialogue, fingerprint, load_dialogues
from hera.errors import ConfigError, DataError, InputError
from hera.evaluation import results
from hera.evaluation.provenance import run_facts
from hera.explain.draws import DRAWS, MOST, Draws, draw
from hera.explain.features import seen
from hera.explain.luck import Values, judge
from hera.types import BASE, Engine, GenerationParams, Prompt

TWIN = "its twin"


@dataclass(frozen=True)
class Asked:
    """A question, and what rules saw in every draw of the pool, the first of which has the seed."""

    dialogue: Dialogue
    seed: int
    values: Values


def main(argv: Sequence[str] | None = None) -> None:
    """The command."""
    args = flags().parse_args(argv)
    check(args)
    engine = engine_from(args)
    names = compared(engine, args.against)
    began = time.monotonic()
    dialogues = chosen(engine, names, args)
    both = " and ".join(names)
    print(f"{len(dialogues)} questions, {args.pool} draws each of {both}", flush=True)
    asked = drawn(engine, names, dialogues, args)
    facts = run_facts(engine, began, partial=False)
    result = LuckResult.of({**measured(asked, names, args), **facts})
    if args.output:
        output.begin(args.output, results.FILE, result.plain())
    print(summary(result))
    if args.output:
        print(f"results written to {args.output}")


def measured(
    asked: Sequence[Asked], names: tuple[str, str], args: argparse.Namespace
) -> dict[str, Any]:
    """A `LuckResult` without the facts of its run."""
    twins = simulated(asked, names, args)
    differ = [judged(one.values, range(args.draws), args.seed) for one in asked]
    return {
        **header(
            "explain luck",
            args,
            split="test",
            n=len(asked),
            sha256=fingerprint(one.dialogue for one in asked),
            draws=args.draws,
            pool=args.pool,
            temperature=args.temperature,
            max_new_tokens=args.max_new_tokens,
        ),
        "twins": {name: found(of) for name, of in twins.items()},
        "tuned": found(differ),
        "compared": names,
        "items": [item(k, asked[k], differ[k]) for k in range(len(asked))],
    }


def flags() -> argparse.ArgumentParser:
    """The command's flags."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.explain luck",
        description="How often are twins said to differ, and how often base and last variant?",
    )
    add_model_flags(parser)
    add_server_flag(parser)
    add_ref_flag(parser, "--data", "patient-doctor dialogues ('embedded')", default="embedded")
    for flag, default, meaning in (
        ("--questions", 25, "a seeded sample of N held-out ones"),
        ("--draws", DRAWS, "of each variant, that are judged"),
        ("--pool", 2 * DRAWS, f"draws of each variant and question to choose from, at most {MOST}"),
        ("--simulated", 500, "questions with a variant and its twin"),
        ("--max-new-tokens", 160, "of an answer"),
        ("--seed", 42, "of the sample, the first draw and the choice among draws"),
    ):
        parser.add_argument(
            flag, type=int, default=default, metavar="N", help=f"{meaning} ({default})"
        )
    parser.add_argument(
        "--against",
        metavar="NAME",
        help="the variant beside the base, also with a strength (the last)",
    )
    parser.add_argument("--temperature", type=float, default=0.7, metavar="T", help="(0.7)")
    parser.add_argument("--output", type=Path, metavar="DIR", help="a new folder for the results")
    return parser


def check(args: argparse.Namespace) -> None:
    """Raises ConfigError where there is nothing to simulate from, or the folder is taken."""
    if not 2 <= args.draws <= args.pool // 2 or args.pool > MOST:
        raise ConfigError(
            f"--draws {args.draws} --pool {args.pool}: twins need twice as many draws in the pool, "
            f"which holds {MOST} at most."
        )
    if args.simulated < 1:
        raise ConfigError(f"--simulated {args.simulated}: give at least 1.")
    warm(args)
    if args.output:
        output.check_empty(args.output)


def warm(args: argparse.Namespace) -> GenerationParams:
    """How every answer is sampled; raises ConfigError where it cannot be, or is not."""
    try:
        params = GenerationParams(args.max_new_tokens, args.temperature, seed=args.seed)
    except InputError as error:
        raise ConfigError(str(error)) from error
    if params.temperature == 0:
        raise ConfigError("--temperature 0: all draws would be the same.")
    return params


def compared(engine: Engine, against: str | None) -> tuple[str, str]:
    """The base and the named variant, or the last; raises ConfigError where that is the base."""
    other = against or engine.variants[-1]
    if other == BASE:
        raise ConfigError("Nothing to compare the base with: give --against or --adapter.")
    return BASE, other


def chosen(engine: Engine, names: Sequence[str], args: argparse.Namespace) -> list[Dialogue]:
    """A seeded sample of the held-out dialogues that fit into both variants' windows.

    Raises:
        DataError: none does.
    """
    rows = load_dialogues(args.data, split="test")
    fit = [d for d in rows if engine.excess(d.asked(), args.max_new_tokens, names) <= 0]
    if not fit:
        raise DataError(f"--data {args.data}: no dialogue fits into the model's window.")
    return choose(fit, args.questions, args.seed)


def drawn(
    engine: Engine, names: Sequence[str], dialogues: Sequence[Dialogue], args: argparse.Namespace
) -> list[Asked]:
    """Every question with its pool, with a progress bar on a terminal."""
    from tqdm import tqdm

    asked = []
    total = len(dialogues) * args.pool
    with tqdm(total=total, unit="draw", disable=not sys.stderr.isatty()) as bar:
        for place, dialogue in enumerate(dialogues):
            params = replace(warm(args), seed=args.seed + place * MOST)
            prompts: dict[str, Prompt] = {name: dialogue.asked() for name in names}
            last = Draws(args.pool, {})
            with closing(draw(engine, prompts, params, args.pool)) as told:
                for last in told:
                    bar.update(place * args.pool + len(last.ended) - bar.n)
            asked.append(Asked(dialogue, params.seed, seen(last, patient(dialogue))))
    return asked


def patient(dialogue: Dialogue) -> str:
    """All that the patient wrote."""
    return "\n".join([*(said for said, _ in dialogue.history), dialogue.patient])


def simulated(
    asked: Sequence[Asked], names: Sequence[str], args: argparse.Namespace
) -> dict[str, list[tuple[str, ...]]]:
    """Variant, or "all" -> in what each of its simulated questions differs; questions and variants
    take turns."""
    dice = random.Random(args.seed)
    differ: dict[str, list[tuple[str, ...]]] = {name: [] for name in ("all", *names)}
    for turn in range(args.simulated):
        name = names[turn // len(asked) % len(names)]
        values = asked[turn % len(asked)].values[name]
        order = dice.sample(range(args.pool), 2 * args.draws)
        one, other = order[: args.draws], order[args.draws :]
        twins = {name: picked(values, one), TWIN: picked(values, other)}
        (pair,) = judge(twins, turn).paired
        differ[name].append(pair.differs)
        differ["all"].append(pair.differs)
    return {name: of for name, of in differ.items() if of}


def picked(values: Mapping[str, Sequence[float]], places: Sequence[int]) -> dict[str, list[float]]:
    """Feature -> its values in these draws."""
    return {feature: [of[place] for place in places] for feature, of in values.items()}


def judged(values: Values, places: Sequence[int], seed: int) -> tuple[str, ...]:
    """In what the two variants differ in these draws."""
    some = {name: picked(its, places) for name, its in values.items()}
    return judge(some, seed).paired[0].differs


def item(place: int, asked: Asked, differ: Sequence[str]) -> dict[str, Any]:
    """See `Drawn`."""
    values = {name: {f: list(of) for f, of in its.items()} for name, its in asked.values.items()}
    return {
        "id": str(place),
        "message": asked.dialogue.patient,
        "seed": asked.seed,
        "values": values,
        "differ": list(differ),
    }
